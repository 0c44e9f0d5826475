/** The way to the safety code from where it helps. */
import { Button } from "../../control/Button";
import { useRoom } from "../context";

export function Compare({ children }: { readonly children: string }) {
  const { ui } = useRoom();
  return (
    <Button
      size="small"
      onClick={() => {
        ui.popup.value = "safety";
      }}
    >
      {children}
    </Button>
  );
}
