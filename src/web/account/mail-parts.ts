import type { Fetching } from '../../ports/fetching.ts'
import type { MailReader } from '../../ports/mail-store.ts'
import type { MailTraces } from '../../ports/mail-traces.ts'
import type { OutgoingQueue } from '../../ports/outgoing-queue.ts'
import type { RuleTrials } from '../../ports/rule-trials.ts'
import type { SenderLists } from '../../ports/sender-lists.ts'
import type { SieveScripts } from '../../ports/sieve-scripts.ts'
import type { SpamHistory } from '../../ports/spam-history.ts'

/** What the pages about somebody's mail work with. */
export interface AccountMail {
  readonly scripts: SieveScripts
  readonly trials: RuleTrials
  /** Undefined where no filter runs here. */
  readonly history: Pick<SpamHistory, 'judged'> | undefined
  readonly senders: SenderLists
  /** Undefined where nothing is fetched. */
  readonly fetching: Fetching | undefined
  readonly traces: Pick<MailTraces, 'list'>
  readonly queue: Pick<OutgoingQueue, 'listOf' | 'drop' | 'bytes'>
  readonly store: Pick<MailReader, 'decisions' | 'mailboxes' | 'image' | 'rows' | 'bytes'>
}
