import type { AddressResolver } from '../../../ports/addresses.ts'
import type { CertificateCare } from '../../../ports/certificate-care.ts'
import type { SignInLocks } from '../../../ports/credentials.ts'
import type { DirectoryAdmin } from '../../../ports/directory-admin.ts'
import type { DnsResolver } from '../../../ports/dns-resolver.ts'
import type { DomainRecords } from '../../../ports/domain-records.ts'
import type { Fetching } from '../../../ports/fetching.ts'
import type { MailReports } from '../../../ports/mail-reports.ts'
import type { MailReader } from '../../../ports/mail-store.ts'
import type { MailTraces } from '../../../ports/mail-traces.ts'
import type { OutgoingQueue } from '../../../ports/outgoing-queue.ts'
import type { SpamHistory } from '../../../ports/spam-history.ts'
import type { SystemState } from '../../../ports/system-state.ts'
import type { WebSessions } from '../../../ports/web-sessions.ts'

/** What the pages of operation work with, beside the directory. */
export interface Operation {
  readonly queue: OutgoingQueue
  readonly addresses: AddressResolver
  readonly rules: Pick<MailReader, 'decisions'>
  /** Undefined where there is no filter here. */
  readonly history: Pick<SpamHistory, 'judged'> | undefined
  readonly reports: MailReports
  /** Undefined where nothing is fetched. */
  readonly fetching: Fetching | undefined
  readonly records: DomainRecords
  readonly dns: Pick<DnsResolver, 'explain'>
  readonly locks: SignInLocks
  readonly certificates: CertificateCare
  readonly traces: Pick<MailTraces, 'list'>
  readonly system: SystemState
  readonly sessions: Pick<WebSessions, 'list' | 'end' | 'endAll'>
}

export interface OpsParts extends Operation {
  readonly admin: DirectoryAdmin
}
