/** What the page and the worker tell each other, and what a transform is made with. */
import type { Bytes } from "../protocol/bytes";
import type { View } from "../protocol/messages.gen";
import type { EpochKey } from "./epoch";
import type { SharedSigns } from "./signs";

export type Source = View["source"];

/** An accepted session: whose media may be opened. */
export interface Sender {
  readonly id: string;
  /** 32 bytes. */
  readonly fingerprint: Bytes;
}

/** Whose source a stream is to carry now. */
export interface Label {
  readonly from: string;
  readonly source: Source;
}

/** Options of an RTCRtpScriptTransform. */
export type TransformOptions =
  | { readonly side: "send"; readonly source: Source }
  | {
      readonly side: "receive";
      readonly stream: number;
      /** Where the worker leaves when something came; undefined where no memory is shared. */
      readonly signs: SharedSigns | undefined;
    };

export type ToWorker =
  /** This client's own session: what is sent is sealed for it. Comes first. */
  | { readonly type: "self"; readonly fingerprint: Bytes }
  /** The epochs that are held, and the name of the one in use for sending; without one nothing is sent. */
  | {
      readonly type: "epochs";
      readonly held: readonly EpochKey[];
      readonly use: string | undefined;
    }
  /** Every accepted session. */
  | { readonly type: "sessions"; readonly sessions: readonly Sender[] }
  /** What a receiving stream is to carry; without a label nothing of it is shown. */
  | { readonly type: "label"; readonly stream: number; readonly label: Label | undefined }
  /** A receiving stream is gone. */
  | { readonly type: "end"; readonly stream: number };

/** How many frames were not taken, by the reason, since the stream began. */
export interface Troubles {
  /** Its epoch or session is not known here. */
  readonly noKey: number;
  /** Not sealed, or altered on its way. */
  readonly altered: number;
  readonly replayed: number;
  /** Somebody's whom the stream was not labelled with in time. */
  readonly unlabelled: number;
}

export type FromWorker =
  | { readonly type: "trouble"; readonly stream: number; readonly troubles: Troubles }
  /** Frames arrive, but none can be shown yet: a key or the label is awaited; or not any more. */
  | { readonly type: "waiting"; readonly stream: number; readonly waiting: boolean };
