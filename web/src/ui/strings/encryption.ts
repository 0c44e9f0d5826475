/** What is said of encryption, to people who never heard of keys: who entered how, what to compare, what looks wrong. */
import type { AlarmCode } from "../../session/model";
import { number } from "./counts";

/** What is said of an attack: a sentence on what happened, and the next step. `who` is a name, or undefined. */
type AlarmSentence = (who: string | undefined) => string;

/** Other people's text inside a sentence of ours: in quotation marks, and in its own direction of writing. */
const quoted = (who: string) => `“\u2068${who}\u2069”`;

const somebody = (who: string | undefined) => (who === undefined ? "somebody" : quoted(who));
const atFirst = (who: string | undefined) => (who === undefined ? "Somebody" : quoted(who));
const aside = (who: string | undefined) => (who === undefined ? "" : ` (${quoted(who)})`);

const alarm: Readonly<Record<AlarmCode, AlarmSentence>> = {
  unsigned: (who) =>
    `The server named somebody whose keys are not signed by them${aside(who)}. Nothing is sent to them. If you expect somebody, ask them to join once more.`,
  stale: (who) =>
    `The server showed old keys of ${somebody(who)} as if they were new. Nothing is sent to them. If somebody is missing here, ask them to join once more.`,
  uninvited: (who) =>
    `${atFirst(who)} came without the invitation, and this meeting takes invitations only. Nothing is sent to them. If you expect them, send them the whole invitation link.`,
  "other-host": (who) =>
    `Another host was named than the one you know${aside(who)}. They get no host’s rights from you. Compare the safety code before you go on.`,
  "unproved-role": (who) =>
    `${atFirst(who)} was named a host and has not proved it. For you they are a participant like any other. If they do host this meeting, ask them to open the invitation link.`,
  altered: (who) =>
    `A sealed message from ${somebody(who)} was changed on its way, and was thrown away. If something is missing, ask them to join once more; then compare the safety code.`,
  replayed: (who) =>
    `An old sealed message from ${somebody(who)} was delivered again, and was thrown away. Nothing was shown twice. To be sure of the room, compare the safety code.`,
  forged: (who) =>
    `A message in the name of ${somebody(who)} was not signed by them, and was thrown away. To be sure of the room, compare the safety code.`,
  unreachable: (who) =>
    `No way to ${somebody(who)} has been found. A network between you, or the server, lets nothing through. Ask them to join once more, from another network if they can.`,
  relaxed: () =>
    "The server says that anybody with the password may enter this meeting, which its host did not allow. They are kept out. If you expect somebody, send them the whole invitation link.",
};

export const encryption = {
  safety: {
    button: "End-to-end encrypted",
    buttonDiffers: "End-to-end encrypted, codes differ",
    pill: "Encrypted",
    pillDiffers: "Codes differ",
    /** What the button's state is, in words. */
    states: {
      none: "There is no safety code yet.",
      open: "The safety code is not compared yet.",
      same: "The safety code is compared.",
      renewed: "The safety code is new since you compared it.",
      differs: "The safety codes differ.",
    },
    title: "End-to-end encrypted",
    lead: "Only the people here can see, hear and read this meeting. No server can.",
    words: "Safety code, six words",
    digits: "The same in digits",
    what: "Safety code",
    covers: (count: number) =>
      count === 2 ? "Covers both of you" : `Covers all ${number(count)} people here`,
    how: "Read it aloud. If everybody has the same words, nobody sits between you.",
    renewed:
      "This code is new: somebody came or went, or the keys were renewed. When it matters, read it aloud again.",
    same: "You compared this code: nobody sits between you.",
    matches: "It matches",
    doesNotMatch: "It does not match",
    alone: "You are the only one here. Once somebody joins, the code to compare appears here.",
    none: "The keys of this meeting are being agreed on. The code appears here in a moment; until then nothing is sent.",
    differsTitle: "Somebody may sit between you",
    differsLead: "The codes differ. Say and show nothing here that others must not know.",
    steps: [
      "Compare once more. While somebody comes or goes, two screens can show different codes for a moment.",
      "If they still differ, leave this meeting.",
      "Make a new meeting and hand over its invitation in another way: in person, or with another messenger.",
    ],
    again: "Compare again",
    leave: "Leave the meeting",
    done: "Done",
  },

  entry: {
    invitation: "By invitation",
    password: "By password",
    explain: (name: string) => `How ${name} came in`,
    proved: (name: string) =>
      `${name} has proved to hold the invitation. No server can put somebody else in their place.`,
    vouchedInvitation: (name: string) =>
      `The server says that ${name} came by invitation. This browser does not have the whole invitation, so it cannot check that.`,
    vouched: (name: string) =>
      `The server vouches for ${name}: nobody has checked that they hold the invitation.`,
    selfProved: "You have proved to the others that you hold the invitation.",
    selfVouched:
      "The server vouches for you: the others cannot check that you were invited. With the whole invitation link they can.",
    /** A mark on a tile, after the name. */
    tile: "by password",
    /** The meeting has no secret. */
    noSecretTitle: "The invitation is not complete",
    noSecret:
      "Nobody here can prove that they were invited: you take the server’s word for who they are. Comparing the safety code makes sure.",
    askHost: "The host can complete the invitation.",
    complete: "Complete the invitation",
    completedTitle: (title: string) => `The invitation to “${title}” is complete`,
    completedLead:
      "Send this link from now on. Whoever opens it proves to everybody that they were invited.",
    only: "Invitations only",
    onlyHint:
      "The password alone lets nobody in. Whoever came by password leaves the meeting at once.",
    /** The meeting has a secret and this browser does not. */
    selfWithout:
      "This browser does not have the whole invitation, so it cannot check who was invited. Compare the safety code instead.",
    compare: "Compare the safety code",
  },

  alarm,
  alarms: {
    region: "Security warnings",
    more: (count: number) => (count === 1 ? "1 more warning" : `${number(count)} more warnings`),
    compare: "Safety code",
    dismiss: "Dismiss the warning",
  },

  renewal: {
    check: "Renew password and invitation",
    hint: (name: string) =>
      `${name} knows both. Once renewed, the old password and the old link let nobody in; whoever is inside stays inside.`,
    failed: (name: string) =>
      `${name} was removed, but password and invitation are still the old ones.`,
    title: (title: string) => `A new invitation to “${title}”`,
    lead: "The old link and the old password have stopped working. Send this one to whoever is still to come.",
  },

  door: {
    unable:
      "This browser cannot encrypt a meeting end to end, and Parley does not meet without that. Open this page in Chrome or Edge 141, Firefox 129 or Safari 17, or anything newer.",
    noSecret:
      "This link has lost its last part, the one behind #, or never had one. You can still join, but the others cannot check that you were invited. To be sure, ask for the whole link.",
    noSecretHost:
      "This invitation is not complete: its link has no last part (the one behind #). Once you are inside, you can complete it under Participants.",
    byPassword: "With it the server vouches for you: the others see that you came by password.",
    invitationOnly: "This meeting takes invitations only",
    invitationOnlyText:
      "With the password alone, nobody inside could check who you are. Ask the host for the invitation link and open it, or paste it here.",
    link: "Invitation link",
    open: "Open the invitation",
    notALink: "That is no invitation link. It looks like https://…/join/… and goes on for a while.",
  },
};
