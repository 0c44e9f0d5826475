/** The window's title follows the page. */
import { useEffect } from "preact/hooks";
import { strings } from "../strings";

export function usePageTitle(page: string): void {
  useEffect(() => {
    document.title = page === "" ? strings.product : strings.windowTitle(page);
  }, [page]);
}
