/** The page for the address the browser is at. */
import { useMemo } from "preact/hooks";
import type * as model from "../session/model";
import { Announcer } from "./announce";
import { ShellContext } from "./context";
import { Button } from "./control/Button";
import { HomePage } from "./home/HomePage";
import { Admissions } from "./landing/admission";
import { InvitationPage } from "./landing/InvitationPage";
import { RoomPage } from "./landing/RoomPage";
import { MessagePage } from "./page/MessagePage";
import { address, type Route, Router } from "./router";
import { strings } from "./strings";

export function App({ app }: { readonly app: model.App }) {
  const shell = useMemo(() => ({ app, router: new Router(), admissions: new Admissions() }), [app]);
  return (
    <ShellContext.Provider value={shell}>
      <Page route={shell.router.route.value} go={(to) => shell.router.go(to)} />
      <Announcer />
    </ShellContext.Provider>
  );
}

interface PageProps {
  readonly route: Route;
  readonly go: (address: string) => void;
}

function Page({ route, go }: PageProps) {
  switch (route.page) {
    case "home":
      return <HomePage />;
    case "join":
      return (
        <InvitationPage
          key={`${route.token}#${route.fragment}`}
          token={route.token}
          fragment={route.fragment}
        />
      );
    case "room":
      return <RoomPage key={route.meetingId} meetingId={route.meetingId} />;
    case "missing":
      return (
        <MessagePage
          title={strings.over.missing}
          actions={
            <Button kind="primary" onClick={() => go(address.home)}>
              {strings.common.home}
            </Button>
          }
        >
          <p>{strings.over.missingText}</p>
        </MessagePage>
      );
  }
}
