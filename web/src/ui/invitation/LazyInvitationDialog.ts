import { lazy } from "../control/lazy";
import type { InvitationDialogProps } from "./InvitationDialog";

/** The dialog with the QR code's encoder, loaded when a meeting is about to be created. */
export const LazyInvitationDialog = lazy<InvitationDialogProps>(() =>
  import("./InvitationDialog").then((module) => module.InvitationDialog),
);
