import { indexMessage } from '../../lib/mime/indexer.ts'
import type { Delivery, MailWriter } from '../../ports/mail-store.ts'

const nothing = new Uint8Array()

/** Keeps what rules decided, and what they have seen, of a message that goes nowhere by it. */
export function keepDecided(
  store: Pick<MailWriter, 'accept'>,
  decided: Pick<Delivery, 'id' | 'guards' | 'decisions'> & {
    readonly trace: Omit<Delivery['trace'], 'recipients'>
  },
): ReturnType<MailWriter['accept']> {
  return store.accept({
    ...decided,
    message: { kind: 'inline', size: 0, index: indexMessage(nothing), bytes: nothing },
    copies: [],
    trace: { ...decided.trace, recipients: [] },
  })
}
