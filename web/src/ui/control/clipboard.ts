/** Puts text into the clipboard; false where the browser does not let a page do that. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** For pages served without TLS on a local network, which have no clipboard of the modern kind. */
function copyBySelection(text: string): boolean {
  const area = document.createElement("textarea");
  const holder = document.querySelector("dialog[open]") ?? document.body;
  const focused = document.activeElement;
  area.value = text;
  area.readOnly = true;
  holder.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (focused instanceof HTMLElement) {
    focused.focus();
  }
  return done;
}
