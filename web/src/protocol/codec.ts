/**
 * Every message between text and typed value. Decoders throw a FieldError that
 * names the member and its bound; encoders trust the compiler.
 */
import type * as v from "valibot";
import type { Wire } from "./kinds";
import * as m from "./messages.gen";
import { parse } from "./parse";
import { checkDirective, checkJoinRequest, checkSlots, checkViews } from "./rules";

export type * from "./messages.gen";

// @__NO_SIDE_EFFECTS__
function decoder<S extends v.GenericSchema>(
  schema: S,
  limit: number,
  check?: (message: Wire<S>) => void,
): (text: string) => Wire<S> {
  return (text) => {
    const message = parse(schema, text, limit) as Wire<S>;
    check?.(message);
    return message;
  };
}

function encode(message: unknown): string {
  return JSON.stringify(message);
}

/** A frame of the rendezvous, with its seq when it has one. */
export const decodeServer = decoder(m.ServerFrame, m.maxWelcome);

/** A frame for the rendezvous; without seq it is not numbered. */
export const encodeClient: (frame: m.ClientFrame) => string = encode;

/** For those who test a client; the rendezvous decodes in Go. */
export const decodeClient = decoder(m.ClientFrame, m.maxFrame);
export const encodeServer: (frame: m.ServerFrame) => string = encode;

/** A message of a box. */
export const decodeBoxMessage = decoder(m.BoxMessage, m.maxMessage);
export const encodeBoxMessage: (message: m.BoxMessage) => string = encode;

/** What two participants tell each other to make a link. */
export type LinkSignal = Exclude<m.BoxMessage, { type: "envelope" | "epoch" }>;

/** A message of a link's control channel. */
export const decodeControl = decoder(m.ControlMessage, m.maxFrame, (message) => {
  switch (message.type) {
    case "view":
      return checkViews(message);
    case "slots":
      return checkSlots(message);
  }
});
export const encodeControl: (message: m.ControlMessage) => string = encode;

/** A message of a link's beat channel. */
export const decodeBeat = decoder(m.Beat, m.maxBeat);
export const encodeBeat: (beat: m.Beat) => string = encode;

/** What an envelope's body holds, by its kind. */
export const decodeChat = decoder(m.Chat, m.maxBody);
export const encodeChat: (chat: m.Chat) => string = encode;
export const decodeEpoch = decoder(m.Epoch, m.maxBody);
export const encodeEpoch: (epoch: m.Epoch) => string = encode;
export const decodeDirective = decoder(m.Directive, m.maxBody, checkDirective);
export const encodeDirective: (directive: m.Directive) => string = encode;
export const decodeCapacity = decoder(m.Capacity, m.maxBody);
export const encodeCapacity: (capacity: m.Capacity) => string = encode;

export const decodeEnvelope = decoder(m.Envelope, m.maxBody);

/** The rendezvous' answers. */
export const decodeCreateResponse = decoder(m.CreateResponse, m.maxAnswer);
export const decodeInvitationResponse = decoder(m.InvitationResponse, m.maxAnswer);
export const decodeJoinResponse = decoder(m.JoinResponse, m.maxAnswer);
export const decodeMyMeetingsResponse = decoder(m.MyMeetingsResponse, m.maxAnswer);
export const decodeMeetingResponse = decoder(m.MeetingResponse, m.maxAnswer);
export const decodeRenewResponse = decoder(m.RenewResponse, m.maxAnswer);
export const decodeWellKnown = decoder(m.WellKnown, m.maxAnswer);
export const decodeProblem = decoder(m.Problem, m.maxAnswer);

/** The requests, for those who test a client. */
export const decodeCreateRequest = decoder(m.CreateRequest, m.maxBody);
export const decodeJoinRequest = decoder(m.JoinRequest, m.maxBody, checkJoinRequest);
export const decodeChangeRequest = decoder(m.ChangeRequest, m.maxBody);
export const decodeRenewRequest = decoder(m.RenewRequest, m.maxBody);
