const longestName = 1_000
const deepest = 50

/** Whether a mailbox may bear this name: levels between `/`, none empty, no control characters. RFC 9051 §5.1. */
export function isMailboxName(name: string): boolean {
  const levels = name.split('/')
  return (
    name.length <= longestName &&
    levels.length <= deepest &&
    levels.every((level) => level !== '') &&
    !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(name)
  )
}

/** NFC, and INBOX in capitals whatever the client wrote, also above others. RFC 9051 §5.1. */
export function storedName(name: string): string {
  const normal = name.normalize('NFC')
  const [first = ''] = normal.split('/', 1)
  return first.toUpperCase() === 'INBOX' ? `INBOX${normal.slice(first.length)}` : normal
}
