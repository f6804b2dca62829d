export interface BaseSubject {
  readonly text: string
  /** It bore a mark of a reply or of forwarding. */
  readonly isReply: boolean
}

/** Longest subject that is looked at for marks. */
const subjectLength = 4096

const trailer = /(?:\(fwd\)|\s)$/i
const blob = '\\[[^[\\]]*\\]\\s*'
const leader = new RegExp(`^(?:${blob}){0,50}(?:re|fwd?)\\s*(?:${blob})?:`, 'i')
const firstBlob = new RegExp(`^${blob}`)

/** RFC 5256 §2.1, of a decoded subject. */
export function baseSubject(subject: string): BaseSubject {
  let text = subject.slice(0, subjectLength).replace(/\s+/g, ' ').trim()
  let isReply = false
  for (;;) {
    const untrailed = stripTrailers(text)
    const unled = stripLeaders(untrailed.text)
    isReply ||= untrailed.isReply || unled.isReply
    text = unled.text
    // step 6: forwarded as `[Fwd: …]`
    if (!/^\[fwd:.*\]$/is.test(text)) return { text, isReply }
    isReply = true
    text = text.slice(5, -1)
  }
}

/** Step 2. */
function stripTrailers(subject: string): BaseSubject {
  let text = subject
  let isReply = false
  while (trailer.test(text)) {
    if (text.endsWith(')')) isReply = true
    text = text.replace(trailer, '')
  }
  return { text, isReply }
}

/** Steps 3 to 5: a list's tag goes only when something is left after it. */
function stripLeaders(subject: string): BaseSubject {
  let text = subject
  let isReply = false
  for (;;) {
    text = text.trimStart()
    const marked = text.replace(leader, '')
    const untagged = marked === text ? text.replace(firstBlob, '') : marked
    if (untagged === text || (marked === text && untagged === '')) return { text, isReply }
    isReply ||= marked !== text
    text = untagged
  }
}
