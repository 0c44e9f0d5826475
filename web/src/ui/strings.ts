/**
 * Every word that the interface says, in one typed record (parts of it in
 * `strings/`): a translation is another value of `Strings`. Sentences with a number or a name in them are
 * functions, because languages put those in different places.
 *
 * Names marked "fixed" are promised to assistive technology and to tests.
 */
import { number, people } from "./strings/counts";
import { encryption } from "./strings/encryption";
import { over } from "./strings/over";
import { trouble } from "./strings/trouble";

const english = {
  product: "Parley",
  /** A page's title in the window. */
  windowTitle: (page: string) => `${page} · Parley`,

  common: {
    close: "Close",
    cancel: "Cancel",
    retry: "Try again",
    home: "Back to the start",
    loading: "Loading…",
    copy: "Copy", // fixed
    copied: (what: string) => `${what} copied`,
    copyFailed: "Copying did not work here. Select the text and copy it yourself.",
    you: (name: string) => `${name} (you)`,
    nameless: "No name yet",
    reload: "Load the page again",
    notLoaded:
      "A part of this page could not be loaded. Check your connection and load the page again.",
  },

  identity: {
    change: "Change name",
    title: "Your name",
    explain: "The others in a meeting see this name. It stays in this browser.",
    key: "Your identity",
    keyExplain: "A key that this browser made for you. It is your account: there is no other.",
    save: "Save name",
  },

  home: {
    window: "Meet directly",
    hero: ["Meet directly.", "Nobody in between."],
    lead: "Video meetings that travel from person to person, encrypted end to end. This server only introduces you.",
    title: "Meeting title", // fixed
    titleExample: "Team standup",
    create: "Create a meeting", // fixed
    titleMissing: "Give the meeting a title first, for example “Team standup”.",
    joinCard: "Join a meeting",
    id: "Meeting ID", // fixed
    idExample: "123-456-789",
    password: "Password", // fixed
    passwordExample: "six digits",
    join: "Join meeting", // fixed
    idMissing: "A meeting ID has nine digits. It is in the invitation, beside the password.",
    passwordMissing: "Type the password that came with the meeting ID.",
    otherServer: (origin: string) => `This invitation belongs to ${origin}.`,
    openThere: "Open it there",
  },

  meetings: {
    title: "Your meetings",
    inside: (count: number) => `${number(count)} inside`,
    empty: "empty",
    ends: (when: string) => `ends ${when}`,
    open: "Open",
    openTitle: (title: string) => `Open ${title}`,
    menu: (title: string) => `More for ${title}`,
    invite: "Invite…",
    renew: "New invitation…",
    remove: "Delete…",
    more: "Show more",
    none: "Nothing here yet. A meeting that you create stays in this list.",
    failed: "Your meetings could not be loaded.",
    renewTitle: (title: string) => `A new invitation to “${title}”?`,
    renewText:
      "The link and the password of before stop working at once. Whoever is inside stays inside.",
    renewHere: "This browser does not hold the invitation any more.",
    renewDo: "Make a new invitation",
    removeTitle: (title: string) => `Delete “${title}”?`,
    removeText: (inside: number) =>
      inside > 0
        ? `Its ID, password and invitation stop working, and ${people(inside)} inside will be told and leave.`
        : "Its ID, password and invitation stop working at once.",
    removeDo: "Delete meeting",
    removed: (title: string) => `“${title}” is deleted.`,
  },

  invitation: {
    ready: (title: string) => `“${title}” is ready`,
    again: (title: string) => `Invite to “${title}”`,
    explain: "Send the invitation. Whoever opens it is one click from the room.",
    link: "Invitation link", // fixed
    id: "Meeting ID", // fixed
    password: "Password", // fixed
    qr: "QR code to the meeting",
    share: "Share", // fixed
    start: "Start meeting", // fixed
    name: "Your name",
    copyAll: "Copy all",
    all: "Invitation",
    email: "Send by e-mail",
    shareTitle: (title: string) => `Invitation to ${title}`,
    /** What is copied, shared or mailed as one. */
    asText: (title: string, link: string, id: string, password: string) =>
      `${title}\n\nJoin: ${link}\n\nOr with the meeting ID ${id} and the password ${password}.\n`,
    notHeld:
      "You came in with the password, so this browser has no invitation link. Share the meeting ID, and the password as you got it.",
  },

  landing: {
    invited: "You are invited to",
    yours: "Your meeting",
    joining: "You are about to join",
    id: "Meeting ID",
    host: "Host",
    hostYou: "You",
    time: "Created",
    ends: "Ends",
    inside: "Inside now",
    nobody: "Nobody yet",
    andMore: (count: number) => `and ${number(count)} more`,
    password: "Password",
    showPassword: "Show password", // fixed
    hidePassword: "Hide password",
    covered: "covered",
    name: "Your name", // fixed
    nameExample: "As the others will see it",
    join: "Join meeting now", // fixed
    waiting: "Looking for the meeting…",
    returning: "Going back into the room…",
    askPassword: "This meeting wants its password",
    askPasswordText: "It came with the meeting ID. With the invitation link you do not need it.",
    continue: "Continue",
  },

  devices: {
    preview: "Your camera",
    mute: "Mute microphone", // fixed
    unmute: "Unmute microphone", // fixed
    cameraTurnOff: "Turn camera off", // fixed
    cameraTurnOn: "Turn camera on", // fixed
    microphone: "Microphone",
    camera: "Camera",
    speaker: "Speaker",
    defaultChoice: "As the system chooses",
    level: "Microphone level",
    trouble: {
      both: {
        denied:
          "The browser does not allow camera and microphone here. You can join, see and listen; to be seen and heard, allow them in the address bar and load the page again.",
        missing:
          "There is no camera and no microphone. You can join, see and listen; plug one in and it appears here.",
        busy: "Another program holds camera and microphone. Close it and turn them on again.",
        unsupported:
          "This browser gives pages no camera and microphone here. You can join, see and listen.",
      },
      microphone: {
        denied:
          "The browser does not allow the microphone here. You can listen; to speak, allow it in the address bar and load the page again.",
        missing: "There is no microphone. You can listen; plug one in and it appears here.",
        busy: "Another program holds the microphone. Close it and unmute again.",
        unsupported: "This browser gives pages no microphone here. You can listen.",
      },
      camera: {
        denied:
          "The browser does not allow the camera here. You join with your initial; allow it in the address bar and load the page again.",
        missing: "There is no camera. You join with your initial; plug one in and it appears here.",
        busy: "Another program holds the camera. Close it and turn the camera on again.",
        unsupported: "This browser gives pages no camera here. You join with your initial.",
      },
    },
  },

  room: {
    toolbar: "Meeting controls", // fixed
    share: "Share screen", // fixed
    stopSharing: "Stop sharing", // fixed
    chat: "Chat", // fixed
    people: "Participants", // fixed
    invite: "Invite", // fixed
    connections: "Connections", // fixed
    leave: "Leave", // fixed
    more: "More",
    handUp: "Raise hand",
    handDown: "Lower hand",
    toSpeaker: "Speaker view",
    toGrid: "Grid view",
    settings: "Devices",
    keys: "Keyboard shortcuts",
    unread: (count: number) => (count === 1 ? "1 new message" : `${number(count)} new messages`),
    tiles: "Participants' pictures",
    soundBlocked: "The browser keeps the sound off until you ask for it.",
    soundOn: "Turn sound on",
    talking: "You are heard while you hold the space bar",
    joining: "Joining…",
    direct: "Direct",
    directHint: "Everybody is connected to everybody: nothing travels through a server.",
    through: (name: string) => `Through ${name}`,
    throughHint: (name: string) =>
      `The meeting travels through ${name}’s own machine: the room is too large for everybody to send to everybody.`,
    throughHelper: "Through the helper",
    throughHelperHint:
      "The meeting travels through a helper, sealed: it can neither see nor hear you. The room is too large for everybody to send to everybody.",
    recording: (name: string, more: number) =>
      more === 0 ? `Recording · ${name}` : `Recording · ${name} and ${number(more)} more`,
    recordingHint: (names: readonly string[]) =>
      `${names.join(", ")} ${names.length === 1 ? "records" : "record"} this meeting.`,
    lockedPill: "Locked",
    lockedHint: "Nobody else can come in until the host unlocks the meeting.",
    away: "Reconnecting",
    awayHint:
      "The server that introduces people is away. Everybody here stays; newcomers have to wait.",
    knocking: (count: number) => `${number(count)} waiting`,
    knockingHint: (count: number) =>
      `${people(count)} ${count === 1 ? "waits" : "wait"} to be let in`,
  },

  tile: {
    /** The accessible name: it begins with the participant's name (fixed). */
    camera: (name: string, marks: readonly string[]) => [name, ...marks].join(", "),
    screen: (name: string) => `${name}, screen`,
    screenLabel: (name: string) => `${name} · screen`,
    muted: "muted",
    hand: "hand raised",
    recording: "recording",
    pin: (name: string) => `Pin ${name}`,
    unpin: (name: string) => `Unpin ${name}`,
    connecting: "Connecting…",
    unreachable: "Cannot be reached",
    reconnecting: "Reconnecting…",
    awaitingScreen: "The screen is on its way…",
    quality: {
      connecting: "connecting",
      unreachable: "cannot be reached",
      good: "good connection",
      fair: "fair connection",
      poor: "poor connection",
      lost: "reconnecting",
    },
  },

  chat: {
    empty: "Nothing written yet. What you write is sealed: only those who are here can read it.",
    message: "Message",
    placeholder: "Write to everybody",
    send: "Send",
    closed: "Only the host can write in this meeting.",
    from: (name: string, text: string) => `${name}: ${text}`,
    tooLong: (over: number) => `${number(over)} characters too many.`,
    self: "You",
  },

  people: {
    host: "host",
    coHost: "co-host",
    chair: "has the chair",
    node: "node",
    helper: "helper, sees and hears nothing",
    rename: "Change name",
    save: "Save",
    waiting: "Waiting to be let in",
    admit: "Admit",
    admitName: (name: string) => `Admit ${name}`,
    deny: "Deny",
    denyName: (name: string) => `Deny ${name}`,
    lock: "Lock the meeting",
    unlock: "Unlock the meeting",
    menu: (name: string) => `More for ${name}`,
    remove: "Remove…",
    removeTitle: (name: string) => `Remove ${name}?`,
    removeText: "They leave the meeting at once.",
    ban: "Keep them from coming back",
    removeDo: "Remove",
    micOff: "muted",
    hand: "hand raised",
    recording: "records the meeting",
    count: people,
  },

  /** By whom the meeting travels, for the host to choose. */
  route: {
    title: "How the meeting travels",
    automatic: "Choose automatically",
    automaticHint: "Directly while the room is small, else by who carries it best.",
    through: (name: string) => `Route through ${name}`,
    throughHelper: "Route through the helper",
    /** By its name, or its number where names do not tell them apart. */
    throughHelperOf: (which: string) => `Route through helper ${which}`,
    figures: (carries: number, uplink: string, rtt: string | undefined) =>
      rtt === undefined
        ? `Carries ${number(carries)}: ${uplink} uplink`
        : `Carries ${number(carries)}: ${uplink} uplink, ${rtt} away`,
    now: "Carries it now",
    standby: "Stands by",
  },

  connections: {
    picture: "Who is connected to whom",
    pictureHint: "Choose a line for its figures.",
    table: "Connections and their figures",
    between: "Between",
    delay: "Round trip",
    rate: "Bit rate",
    line: (from: string, to: string) => `${from} → ${to}`,
    you: "You",
    relayed: "relayed",
    direct: "direct",
    unknown: "–",
    sending: "Sends",
    receiving: "Receives",
    loss: "Lost packets",
    path: "Path",
    state: "State",
    alone: "You are alone. Once somebody joins, the line between you appears here.",
    mesh: "Everybody is connected to everybody directly.",
    star: (name: string) => `A star on ${name}’s node.`,
    starHelper: "A star on a helper, which passes on what it can neither see nor hear.",
    /** What it takes and what there is, after why. */
    carries: (uplink: string, carries: number) =>
      `Its uplink of ${uplink} carries ${people(carries)}.`,
    standby: (name: string) => `Standby: ${name}’s node.`,
    standbyHelper: "Standby: another helper.",
    noStandby: "Nobody stands by.",
    helper: "Helper",
    tree: "A tree: several of those here carry the others.",
    /** Why it is so, after what it is. */
    reasons: {
      "small-room": "The room is small enough for it.",
      "no-candidate": "The room is large for it, but nobody here can carry the others.",
      "large-room": "The room is too large for everybody to send to everybody.",
      stays: "It goes on carrying the room well.",
      "better-sfu": "It carries the room clearly better than the one before.",
      "sfu-lost": "The one that carried the room before cannot be reached.",
      "sfu-overloaded": "The one before could not carry the room any more.",
      "new-standby": "Only who would take over has changed.",
      "new-chair": "Somebody else has the chair now; the connections stay as they were.",
      automatic: "The choice is automatic again.",
      manual: "The host chose it.",
    },
    quality: {
      connecting: "connecting",
      unreachable: "cannot be reached",
      good: "good",
      fair: "fair",
      poor: "poor",
      lost: "lost",
    },
  },

  keys: {
    title: "Keyboard shortcuts",
    single: "Single keys work in the meeting",
    singleHint: "Turn this off when a voice or a switch types keys for you.",
    space: "Space",
    escape: "Esc",
    talk: "Hold to talk",
    close: "Close what is open",
    help: "All shortcuts",
    layout: "Change the layout",
    hand: "Raise or lower your hand",
    microphone: "Microphone on or off",
    camera: "Camera on or off",
  },

  notice: {
    dismiss: "Dismiss",
    somebody: "Somebody",
    joined: (name: string) => `${name} joined`,
    left: (name: string) => `${name} left`,
    lost: (name: string) => `${name} lost the connection`,
    removed: (name: string) => `${name} was removed`,
    reconnecting: "The server is away. The meeting goes on without it.",
    reconnected: "The server is back.",
    "to-node": (name: string) => `Moved to ${name}’s node`,
    "to-helper": "Moved to the helper",
    "to-mesh": "Back to direct connections",
    recording: (name: string) => `${name} records the meeting`,
    "recording-over": (name: string) => `${name} stopped recording`,
    host: (name: string) => `${name} has the chair now`,
    device: "A device went away. Another one took its place.",
    policy: "The host changed the rules of this meeting.",
    suspended: "Joining by password is paused after too many wrong tries. Invitations still work.",
    "chat-unsent": "A message did not reach everybody.",
    "key-overdue":
      "Somebody was removed, and no new key has come since: they may still be able to follow. Join once more.",
    "screen-denied": "The screen was not shared: the browser did not allow it.",
    refused: "That was refused.",
    outdated: "A newer version is here. Load the page again after the meeting.",
  },

  ...encryption,

  over,

  trouble,
};

export type Strings = typeof english;

export const strings: Strings = english;
