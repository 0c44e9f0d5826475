/** What there is to know before going in: of the browser, of the invitation, of the way in. */
import { ShieldQuestionMark, TriangleAlert } from "lucide-preact";
import { Note } from "../control/Note";
import { strings } from "../strings";

const say = strings.door;

/** Why nobody joins with this browser. `id` is what a disabled button names as its reason. */
export function UnableNote({ id }: { readonly id: string }) {
  return (
    <Note icon={TriangleAlert} tone="danger" id={id} alert>
      <p>{say.unable}</p>
    </Note>
  );
}

/** The link came without its secret. */
export function NoSecretNote({ isHost }: { readonly isHost: boolean }) {
  return (
    <Note icon={ShieldQuestionMark} tone="warning">
      <p>{isHost ? say.noSecretHost : say.noSecret}</p>
    </Note>
  );
}
