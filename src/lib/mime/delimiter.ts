/** Longest line that is looked at as a delimiter: RFC 5322 §2.1.1. */
const delimiterLineLength = 1000

/** Answers of `delimiterEnd` that are no offset. */
export const noDelimiter = -1
export const undecided = -2

const lf = 10
const dash = 45

/**
 * Whether the line at `line` is a delimiter of this boundary: the offset after its line end. It is enough that the
 * boundary follows the two dashes, whatever comes after it (RFC 2046 §5.1.1); `undecided` when the octets end before
 * the line does.
 */
export function delimiterEnd(buffer: Buffer, line: number, boundary: Buffer, isEnd: boolean): number {
  const limit = Math.min(buffer.length, line + delimiterLineLength)
  const cut = isEnd || limit < buffer.length ? noDelimiter : undecided
  const known = commonLength(buffer, line + 2, boundary, limit)
  let at = line + 2 + known
  if (known < boundary.length) return at >= limit ? cut : noDelimiter
  while (at < limit && buffer[at] !== lf) at++
  if (at < limit) return at + 1
  return isEnd && at === buffer.length ? at : cut
}

function commonLength(buffer: Buffer, from: number, boundary: Buffer, limit: number): number {
  const most = Math.min(boundary.length, limit - from)
  let length = 0
  while (length < most && buffer[from + length] === boundary[length]) length++
  return length
}

/** Of a line that is a delimiter: whether it ends the multipart. */
export function isLastDelimiter(buffer: Buffer, line: number, boundary: Buffer): boolean {
  const at = line + 2 + boundary.length
  return buffer[at] === dash && buffer[at + 1] === dash
}
