import { styleText } from 'node:util'

/** Where finished lines go; each ends in a line feed. */
export interface LineSink {
  write(line: string): void
}

const colours: Readonly<Record<string, 'gray' | 'green' | 'yellow' | 'red'>> = {
  debug: 'gray',
  info: 'green',
  warn: 'yellow',
  error: 'red',
}

/** `12:03:04.120 info  message.accepted  from=a@b.test size=120`, an error's stack on lines of its own. */
export function prettyLines(out: LineSink): LineSink {
  return { write: (line) => out.write(pretty(line)) }
}

function pretty(line: string): string {
  const { time, level, event, cause, ...fields } = JSON.parse(line) as Record<string, unknown>
  const head = `${String(time).slice(11, 23)} ${coloured(String(level))} ${printable(String(event))}`
  const tail = Object.entries(fields).map(([name, value]) => `${name}=${quoted(value)}`)
  return `${[head, ...tail].join(' ')}\n${stackOf(cause)}`
}

function coloured(level: string): string {
  return styleText(colours[level] ?? 'gray', level.padEnd(5), { validateStream: false })
}

function quoted(value: unknown): string {
  if (typeof value !== 'string') return String(value)
  return /^[^\s"=]+$/.test(value) ? printable(value) : JSON.stringify(value)
}

function stackOf(cause: unknown): string {
  if (typeof cause !== 'object' || cause === null) return ''
  const { stack, message } = cause as { stack?: unknown; message?: unknown }
  const lines = String(stack ?? message).split('\n')
  return lines.map((line) => `    ${printable(line)}\n`).join('')
}

/** What a stranger sent must not steer the terminal. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '\ufffd')
}
