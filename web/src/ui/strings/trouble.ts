/** What went wrong, by its code, with the next step. */
import { encryption } from "./encryption";

const { door } = encryption;

export const trouble = {
  "invitation-not-found": "This invitation has ended. Ask the person who sent it for a new one.",
  "meeting-not-found":
    "There is no meeting with this ID. Compare it with the invitation, digit by digit.",
  "incorrect-password": "That is not the password of this meeting. Compare it with the invitation.",
  "invitation-only":
    "This meeting takes invitations only. Ask its host for the invitation link and open it.",
  "invitation-broken":
    "This invitation link was cut short on its way. Ask for the whole link again.",
  "no-encryption": door.unable,
  "encryption-stopped":
    "This page's encryption stopped, and with it the meeting. Load the page again.",
  "people-inside":
    "People are in this meeting by the invitation that it has; with a new one you would be a stranger to them. Wait until they have left, or join, and make it when you remove somebody.",
  "not-yours":
    "The server names somebody else as the host of the meeting that you just made. Do not use it, and ask whoever runs the server.",
  "password-suspended":
    "Joining by password is paused, because somebody tried too many wrong ones. The invitation link still works.",
  locked: "The host has locked the meeting. Ask somebody inside to unlock it.",
  banned: "The host has removed you from this meeting.",
  unauthenticated:
    "The server did not accept this browser's signature. Check that the clock of this device is right, and try again.",
  "too-many-tries": "Too many tries.",
  "too-many-requests": "Too much at once.",
  full: "The meeting is full. Try again when somebody has left.",
  "host-only": "Only the host of this meeting can do that.",
  ticket: "The admission has run out. Join once more.",
  storage:
    "The server cannot store anything now. Try again in a moment; what was there is still there.",
  unavailable: "The server is not ready. Try again in a moment.",
  network: "The server cannot be reached. Check your connection and try again.",
  elsewhere: "You opened this meeting in another place, and it goes on there.",
  removed: "The host removed you from the meeting.",
  denied: "The host did not let you in.",
  ended: "The meeting has ended: its host closed it, or its time was up.",
  slow: "This device could not keep up with the meeting. Join once more.",
  protocol: "This page and the server do not understand each other. Load the page again.",
  unsupported:
    "This browser lacks what a meeting needs. Use a current Firefox, Chrome, Edge or Safari.",
  unknown: "That did not work. Try again.",
  again: (when: string) => `Try again at ${when}.`,
};
