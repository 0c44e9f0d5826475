/** **Share**: the device's own way where there is one, else copying all or an e-mail. */
import { Copy, Mail, Share2 } from "lucide-preact";
import type { InvitedMeeting } from "../../session/model";
import { announce } from "../announce";
import { Button } from "../control/Button";
import { copy } from "../control/clipboard";
import { Icon } from "../control/Icon";
import { Menu, MenuItem } from "../control/Menu";
import { strings } from "../strings";
import { asText, mailto } from "./text";

/** Whether the device has a way of its own; without one **Share** is a menu. */
export function canShare(): boolean {
  return typeof navigator.share === "function";
}

export function ShareButton({ meeting }: { readonly meeting: InvitedMeeting }) {
  const say = strings.invitation;
  if (canShare()) {
    return (
      <Button
        wide
        onClick={() => {
          // A share that the person gives up rejects; there is nothing to tell.
          navigator
            .share({ title: say.shareTitle(meeting.title), text: asText(meeting) })
            .catch(() => undefined);
        }}
      >
        <Icon of={Share2} />
        {say.share}
      </Button>
    );
  }
  return (
    <Menu
      align="start"
      side="above"
      button={(props) => (
        <Button wide {...props}>
          <Icon of={Share2} />
          {say.share}
        </Button>
      )}
    >
      <MenuItem
        icon={<Icon of={Copy} />}
        onClick={async () => {
          const done = await copy(asText(meeting));
          announce(done ? strings.common.copied(say.all) : strings.common.copyFailed);
        }}
      >
        {say.copyAll}
      </MenuItem>
      <MenuItem
        icon={<Icon of={Mail} />}
        onClick={() => {
          location.href = mailto(meeting);
        }}
      >
        {say.email}
      </MenuItem>
    </Menu>
  );
}
