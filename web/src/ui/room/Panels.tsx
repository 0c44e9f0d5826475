/** What is open beside the tiles; on a phone, a sheet below them. */
import type { ComponentType } from "preact";
import { useRoom } from "./context";
import { ChatPanel } from "./panel/ChatPanel";
import { ConnectionsPanel } from "./panel/ConnectionsPanel";
import { InvitePanel } from "./panel/InvitePanel";
import { PeoplePanel } from "./panel/PeoplePanel";
import type { Panel } from "./view";

const panels: Readonly<Record<Panel, ComponentType>> = {
  chat: ChatPanel,
  people: PeoplePanel,
  invite: InvitePanel,
  connections: ConnectionsPanel,
};

export function Panels() {
  const open = useRoom().ui.panel.value;
  if (open === undefined) {
    return null;
  }
  const Open = panels[open];
  return <Open />;
}
