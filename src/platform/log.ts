import { pino } from 'pino'
import type { Fields, Log } from '../ports/runtime.ts'
import { type LineSink, prettyLines } from './log-pretty.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export interface LogOptions {
  readonly level: LogLevel
  /** For people on a terminal; otherwise one JSON object a line. */
  readonly pretty: boolean
  readonly out: LineSink
}

/** Standard output, written at once: what was logged before a crash is there. */
export function standardOutput(): LineSink {
  return pino.destination({ fd: 1, sync: true })
}

export function createLog({ level, pretty, out }: LogOptions): Log {
  return wrap(
    pino(
      {
        level,
        base: null,
        messageKey: 'event',
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (name) => ({ level: name }) },
      },
      pretty ? prettyLines(out) : out,
    ),
  )
}

function wrap(logger: pino.Logger): Log {
  return {
    debug: (event, fields) => logger.debug(safe(fields), event),
    info: (event, fields) => logger.info(safe(fields), event),
    warn: (event, fields) => logger.warn(safe(fields), event),
    error: (event, cause, fields) => logger.error({ ...safe(fields), cause: explained(cause) }, event),
    with: (fields) => wrap(logger.child(safe(fields))),
  }
}

/** An error with its stack and its causes; whatever else was thrown, as text. */
function explained(cause: unknown): object {
  return cause instanceof Error ? pino.stdSerializers.err(cause) : { message: String(cause) }
}

/** `password`, `userPassword`, `app_token`; not `bypass`. */
const secretName =
  /(?:^|_|(?<=[a-z])(?=[A-Z]))(?:[Pp]ass(?:wd|word|phrase)?|[Ss]ecret|[Tt]oken|[Cc]redentials?|[Aa]uthorization|[Cc]ookie|[Pp]rivate_?[Kk]ey)$/

/** Nobody should log a password; if somebody does, it stays hidden. */
function safe(fields: Fields = {}): Fields {
  for (const name in fields) if (secretName.test(name)) return hidden(fields)
  return fields
}

function hidden(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, secretName.test(name) ? '[hidden]' : value]),
  )
}
