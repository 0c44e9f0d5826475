/** Pages on which nothing goes on: after leaving, before being let in, and where an address leads nowhere. */

export const over = {
  left: "You left",
  leftText: (title: string) => `“${title}” goes on without you as long as somebody is there.`,
  rejoin: "Join again",
  over: "The meeting is over",
  out: "You are not in the meeting",
  elsewhere: "The meeting goes on elsewhere",
  waiting: "Waiting to be let in",
  waitingText: (title: string) => `The host of “${title}” has been told that you are here.`,
  stopWaiting: "Stop waiting",
  missing: "There is no such page",
  missingText:
    "The address may have been cut short on its way. Ask for it once more, or start from the beginning.",
  invitation: "This invitation does not work",
  meeting: "This meeting cannot be opened",
};
