/** What fits into a field, so that nobody types what would be refused. The server has the last word. */
export const titleLimit = 120;
export const nameLimit = 60;
export const passwordLimit = 64;
export const chatLimit = 4000;
