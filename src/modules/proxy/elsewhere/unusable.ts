/** An old server is not there, or says what makes no sense. The text is for the log. */
export class Unusable extends Error {}
