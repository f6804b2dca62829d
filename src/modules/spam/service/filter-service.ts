import type { AddressResolver } from '../../../ports/addresses.ts'
import type { MailAuthenticator } from '../../../ports/mail-authentication.ts'
import type { MessageBytes } from '../../../ports/message.ts'
import type { Clock } from '../../../ports/runtime.ts'
import type { SpamJudge } from '../../../ports/spam-judge.ts'
import type { WebHandler } from '../../../ports/web.ts'
import type { Directory } from '../judge.ts'
import { answerRspamd, type RspamdDesk } from '../rspamd/controller.ts'
import { type AccessParts, mayAsk } from './access.ts'
import { answerJudge } from './judge-service.ts'

export interface FilterServiceParts extends Omit<AccessParts, 'token'> {
  /** Undefined where nothing judges here: another process does, or nobody. */
  readonly filter:
    | {
        readonly judge: SpamJudge
        readonly judgeWith: (directory: Directory) => SpamJudge
        readonly desk: RspamdDesk
      }
    | undefined
  readonly addresses: AddressResolver
  readonly authenticator: MailAuthenticator
  readonly bytes: MessageBytes
  readonly clock: Clock
  readonly settings: {
    /** ANTISPAM_TOKEN */
    readonly token: string | undefined
    /** MESSAGE_SIZE_LIMIT */
    readonly mostOctets: number
  }
}

/** The filter for other programs, on a port of its own. */
export function filterService({ filter, settings, ...parts }: FilterServiceParts): WebHandler {
  const { token, mostOctets } = settings
  return {
    async fetch(request, client) {
      if (!(await mayAsk(request, client, { ...parts, token }))) return unauthorized()
      if (!filter) return Response.json({ error: 'No filter runs here' }, { status: 503 })
      const { judge, judgeWith, desk } = filter
      return (
        (await answerJudge(request, { judgeWith, bytes: parts.bytes, mostOctets })) ??
        (await answerRspamd(request, { ...parts, ...desk, judge, mostOctets }))
      )
    },
  }
}

const unauthorized = () =>
  Response.json(
    { error: 'Unauthorized' },
    { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="Homepost filter", Bearer' } },
  )
