import type { ReaderLimits } from '../wire/command-reader.ts'

/** Seconds. */
export const patience = {
  /** From the greeting, or from UNAUTHENTICATE, until somebody signed in, whatever is said meanwhile. */
  beforeLogin: 180,
  /** RFC 5804 §1.2: 30 minutes at least. */
  idle: 30 * 60,
  /** From the first octet of a command to its last. */
  command: 300,
  /** For a client that does not read. */
  output: 300,
}

export const mostFailedLogins = 5
/** Commands in a row that make no sense. */
export const mostMistakes = { stranger: 5, 'signed in': 20 }

const lineOctets = 16_384

/** What a stranger says is small: his SASL answers are the largest. */
export const strangerLimits: ReaderLimits = { lineOctets, literalOctets: 12_288, drainOctets: 65_536 }

/** A script and its name. Scripts that are a little too large are read past, to be refused with a reason. */
export const signedInLimits = (scriptBytes: number): ReaderLimits => ({
  lineOctets,
  literalOctets: scriptBytes + 4_096,
  drainOctets: scriptBytes * 16,
})
