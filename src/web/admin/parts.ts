import type { Announcements } from '../../ports/announcements.ts'
import type { ApiKeys } from '../../ports/api-access.ts'
import type { ConfigFiles } from '../../ports/config-files.ts'
import type { DirectoryAdmin } from '../../ports/directory-admin.ts'
import type { ExternalSignIn } from '../../ports/external-sign-in.ts'
import type { MailReader } from '../../ports/mail-store.ts'
import type { OAuthClients } from '../../ports/oauth.ts'
import type { SenderLists } from '../../ports/sender-lists.ts'
import type { Operation } from './ops/parts.ts'

/** What the administration works with. */
export interface AdminParts {
  readonly admin: DirectoryAdmin
  readonly mail: Pick<MailReader, 'usage'>
  readonly announcements: Announcements
  readonly operation: Operation
  /** Applications that people may let in, and where they find us. */
  readonly clients: OAuthClients
  readonly issuer: string
  readonly senders: SenderLists
  readonly external: Pick<ExternalSignIn, 'links' | 'unlink'>
  /** OIDC_BUTTON_NAME. */
  readonly providerName: string | undefined
  /** Undefined where there is no API. */
  readonly apiKeys: ApiKeys | undefined
  readonly files: ConfigFiles
}
