import type { MessageBytes } from '../../../ports/message.ts'
import type { SpamJudge } from '../../../ports/spam-judge.ts'
import type { WebHandler } from '../../../ports/web.ts'
import { mayAsk } from './access.ts'
import { answerJudge, type Directory } from './judge-service.ts'

export interface FilterServiceParts {
  /** Undefined where nothing judges here: another process does, or nobody. */
  readonly filter: { readonly judgeWith: (directory: Directory) => SpamJudge } | undefined
  readonly bytes: MessageBytes
  readonly settings: {
    /** ANTISPAM_TOKEN */
    readonly token: string | undefined
    /** MESSAGE_SIZE_LIMIT */
    readonly mostOctets: number
  }
}

/** The filter for other programs, on a port of its own. */
export function filterService({ filter, bytes, settings }: FilterServiceParts): WebHandler {
  return {
    async fetch(request, client) {
      if (!mayAsk(request, client, settings.token))
        return new Response('Send the token of ANTISPAM_TOKEN.\n', {
          status: 401,
          headers: { 'WWW-Authenticate': 'Bearer' },
        })
      if (!filter) return new Response('No filter runs here.\n', { status: 503 })
      const answer = await answerJudge(request, { ...filter, bytes, mostOctets: settings.mostOctets })
      return answer ?? new Response('There is nothing at this address.\n', { status: 404 })
    },
  }
}
