import type { FramingLimits } from '../wire/framing.ts'
import type { Session } from './session.ts'

const strangers: FramingLimits = { lineOctets: 8192, literalOctets: 8192, literals: 4 }
const users: FramingLimits = { lineOctets: 65_536, literalOctets: 524_288, literals: 1000 }

/** Strangers get little: nobody signs in with more. */
export function framingLimits(session: Session): FramingLimits {
  return session.user ? users : strangers
}

/** Seconds. */
export const patience = {
  beforeLogin: 60,
  /** RFC 9051 §5.4 asks for 30 minutes at least. */
  idle: 31 * 60,
  command: 120,
  /** For a client that does not read. */
  output: 300,
  /** Between lines that show a sleeping client, and everything on the way, that we are here. */
  stillHere: 120,
  /** Between lines that show how far a long command is. */
  progress: 10,
}
