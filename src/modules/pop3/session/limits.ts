/** Seconds. */
export const patience = {
  /** From the greeting until somebody signed in, whatever is said meanwhile. */
  beforeLogin: 180,
  /** RFC 1939 §3: 10 minutes at least. */
  idle: 10 * 60,
  /** For a client that does not read. */
  output: 300,
  /** After which messages read ahead for a client are given up; it does not seem to be in a hurry. */
  readAhead: 10,
}

/** RFC 2449 §4 asks for 255 with the CRLF; passwords may be longer than that in UTF-8. */
export const commandLineOctets = 2048
/** Answers in a SASL exchange. */
export const saslLineOctets = 12_288

export const mostFailedLogins = 5
/** Commands in a row that make no sense, before and after somebody signed in. */
export const mostMistakes = { authorization: 5, transaction: 20 }
