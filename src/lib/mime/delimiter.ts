/** Longest line that is looked at as a delimiter: RFC 5322 §2.1.1. */
const delimiterLineLength = 1000

/** Answers of `delimiterEnd` that are no offset. */
export const noDelimiter = -1
export const undecided = -2

const tab = 9
const lf = 10
const cr = 13
const space = 32
const dash = 45

/**
 * Whether the line at `line` is a delimiter of this boundary (RFC 2046 §5.1.1: two dashes, the boundary, two dashes
 * when it is the last, blanks): the offset after its line end. `undecided` when the octets end before that is clear.
 */
export function delimiterEnd(buffer: Buffer, line: number, boundary: Buffer, isEnd: boolean): number {
  const limit = Math.min(buffer.length, line + delimiterLineLength)
  const cut = isEnd || limit < buffer.length ? noDelimiter : undecided
  const known = commonLength(buffer, line + 2, boundary, limit)
  if (known < boundary.length) return line + 2 + known >= limit ? cut : noDelimiter
  let at = line + 2 + known
  if (isLastDelimiter(buffer, line, boundary)) at += 2
  else if (at + 1 === limit && buffer[at] === dash) return cut
  while (at < limit && isBlank(buffer[at])) at++
  if (at < limit) return buffer[at] === lf ? at + 1 : noDelimiter
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

function isBlank(octet: number | undefined): boolean {
  return octet === space || octet === tab || octet === cr
}
