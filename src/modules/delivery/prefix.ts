import type { Address } from '../../lib/address.ts'

/** Trace headers that only this copy gets, CRLF-ended, in the order in which they stand at the top. RFC 5321 §4.4. */
export function copyPrefix(copy: {
  readonly sender: Address | undefined
  readonly recipient: Address
  /** Whose mailbox it is. */
  readonly owner: Address
  /** What the checks add. */
  readonly results: string
  /** Received. */
  readonly trace: string
}): string {
  const { sender, recipient, owner, results, trace } = copy
  return [
    `Return-Path: <${sender ?? ''}>\r\n`,
    `Delivered-To: ${owner}\r\n`,
    // Which of his addresses was meant, detail included: for filters and for people.
    recipient === owner ? '' : `X-Original-To: ${recipient}\r\n`,
    results,
    trace,
  ].join('')
}
