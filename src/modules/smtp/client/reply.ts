/** A reply of the far side, whole. */
export interface Reply {
  readonly code: number
  /** Enhanced status code, where it has one of the right class. RFC 2034. */
  readonly status: string | undefined
  /** All lines, without codes, fit for a log line and a report. */
  readonly text: string
  /** What stands behind the code on each line, one character per octet. */
  readonly lines: readonly string[]
}

/** RFC 5321 §4.5.3.1.5 asks for 512; there is no reason to be strict with what is only read. */
export const replyLineOctets = 4_096
const mostLines = 200
const mostText = 1_000

const form = /^([2-5][0-9]{2})(?:([- ])(.*))?$/s
const enhanced = /^([245])\.(\d{1,3})\.(\d{1,3})(?= |$)/

/** Puts the lines of a reply together. RFC 5321 §4.2.1. */
export class ReplyLines {
  readonly #lines: string[] = []
  #code: string | undefined

  /** The reply when this line ends it; `nonsense` when it is none. */
  push(line: string): Reply | 'more' | 'nonsense' {
    const [, code, mark, text = ''] = form.exec(line) ?? []
    if (code === undefined || this.#lines.length >= mostLines) return 'nonsense'
    // All lines of a reply bear one code.
    if (this.#code !== undefined && this.#code !== code) return 'nonsense'
    this.#code = code
    this.#lines.push(text)
    return mark === '-' ? 'more' : toReply(Number(code), this.#lines)
  }
}

function toReply(code: number, lines: readonly string[]): Reply {
  const statuses = lines.map((line) => enhanced.exec(line)?.[0])
  const status = statuses.at(-1) ?? statuses[0]
  const words = lines.map((line, index) => line.slice(statuses[index]?.length ?? 0).trim())
  return {
    code,
    // RFC 2034 §4: it must agree with the first digit of the reply code.
    status: status?.[0] === String(code)[0] ? status : undefined,
    text: printable(words.join(' ')),
    lines,
  }
}

/** Nothing that a terminal or a header would obey. */
function printable(text: string): string {
  const decoded = Buffer.from(text, 'latin1').toString('utf8')
  return decoded
    .replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]+/g, ' ')
    .trim()
    .slice(0, mostText)
}
