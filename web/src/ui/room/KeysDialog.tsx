/** Every key of the room. */
import { Dialog } from "../control/Dialog";
import { strings } from "../strings";
import css from "./KeysDialog.module.css";
import { SingleKeys } from "./SingleKeys";

const say = strings.keys;

const keys: readonly (readonly [string, string])[] = [
  ["M", say.microphone],
  ["V", say.camera],
  ["S", strings.room.share],
  [say.space, say.talk],
  ["C", strings.room.chat],
  ["P", strings.room.people],
  ["H", say.hand],
  ["L", say.layout],
  ["?", say.help],
  [say.escape, say.close],
];

export function KeysDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title={say.title} width="narrow" onClose={onClose}>
      <dl class={css["keys"]}>
        {keys.map(([key, does]) => (
          <div key={key} class={css["row"]}>
            <dt>
              <kbd class={css["key"]}>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <SingleKeys />
    </Dialog>
  );
}
