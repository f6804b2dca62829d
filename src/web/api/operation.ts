import type { z } from 'zod'
import type { DomainName } from '../../lib/address.ts'
import type { ApiArea, ApiScope } from '../../ports/api-access.ts'
import type { DirectoryAdmin } from '../../ports/directory-admin.ts'
import type { DirectorySecrets } from '../../ports/directory-reader.ts'
import type { UserRow } from '../../ports/directory-rows.ts'
import type { DkimKeys } from '../../ports/dkim-keys.ts'
import type { DomainRecords } from '../../ports/domain-records.ts'
import type { Fetching } from '../../ports/fetching.ts'
import type { MailReader } from '../../ports/mail-store.ts'
import type { MailTraces } from '../../ports/mail-traces.ts'
import type { OAuthClients } from '../../ports/oauth.ts'
import type { OutgoingQueue } from '../../ports/outgoing-queue.ts'
import type { WebSessions } from '../../ports/web-sessions.ts'
import type { Answer } from './answer.ts'

/** What the operations work with. */
export interface ApiPorts {
  readonly admin: DirectoryAdmin
  readonly secrets: Pick<DirectorySecrets, 'passwords'>
  readonly dkimKeys: Pick<DkimKeys, 'put'>
  readonly records: DomainRecords
  readonly mail: Pick<MailReader, 'usage'>
  readonly queue: OutgoingQueue
  readonly traces: Pick<MailTraces, 'list'>
  /** Applications that people may let in. */
  readonly clients: OAuthClients
  readonly sessions: Pick<WebSessions, 'list' | 'end' | 'endAll'>
  /** ANONMAIL_MAX_RETRIES */
  readonly aliasTries: number
  /** Undefined: FETCHMAIL_ENABLED is false. */
  readonly fetching: Pick<Fetching, 'run'> | undefined
}

type Shape = Readonly<Record<string, z.ZodType>>
type Read<S extends Shape> = { readonly [Name in keyof S]: z.output<S[Name]> }

interface Described {
  readonly area: ApiArea
  readonly method: 'get' | 'post' | 'patch' | 'delete'
  /** `/domain/{domain}`, below `/api/v1`. */
  readonly path: string
  readonly summary: string
  /** What it answers, where that is more than a message. */
  readonly answers?: z.ZodType
}

interface Written<P extends Shape, Q extends Shape, B extends z.ZodType> extends Described {
  readonly params?: P
  readonly query?: Q
  readonly body?: B
}

interface Values<P extends Shape, Q extends Shape, B extends z.ZodType> {
  readonly ports: ApiPorts
  readonly params: Read<P>
  readonly query: Read<Q>
  readonly body: z.output<B>
}

/** An operation as the dispatcher and the document see it. */
export interface Operation extends Described {
  /** Whoever administers sends a token of the API, a person an app password. */
  readonly by: 'administrator' | 'person'
  /** It stands beside `/v1`, where SimpleLogin has it. */
  readonly beside?: boolean
  readonly params: Shape
  readonly query: Shape
  readonly body: z.ZodType | undefined
  run(call: Call): Promise<Answer>
}

export interface Asked {
  /** For the audit. */
  readonly actor: string
  readonly person: UserRow | undefined
  /** None of a person. */
  readonly scopes: readonly ApiScope[] | 'everything'
  /** Nothing outside of it is reached. */
  readonly domain?: DomainName | undefined
}

interface Call extends Asked {
  readonly ports: ApiPorts
  readonly params: Readonly<Record<string, unknown>>
  readonly query: Readonly<Record<string, unknown>>
  readonly body: unknown
}

/** What was read by `params`, `query` and `body` is what `run` takes: the compiler checks it here. */
export function operation<P extends Shape, Q extends Shape, B extends z.ZodType>(
  written: Written<P, Q, B> & {
    run(call: Values<P, Q, B> & Pick<Asked, 'actor' | 'scopes'>): Promise<Answer>
  },
): Operation {
  return {
    ...written,
    ...withDefaults(written),
    by: 'administrator',
    run: (call) => written.run(call as Parameters<typeof written.run>[0]),
  }
}

/** What somebody does with his own. */
export function ownOperation<P extends Shape, Q extends Shape, B extends z.ZodType>(
  written: Written<P, Q, B> & {
    readonly beside?: boolean
    run(call: Values<P, Q, B> & { readonly person: UserRow }): Promise<Answer>
  },
): Operation {
  return {
    ...written,
    ...withDefaults(written),
    by: 'person',
    run: (call) => written.run(call as unknown as Parameters<typeof written.run>[0]),
  }
}

const withDefaults = ({
  params = {},
  query = {},
  body,
}: Partial<Pick<Operation, 'params' | 'query' | 'body'>>) => ({
  params,
  query,
  body,
})

/** Whoever may change everything. */
export const hasAll = (scopes: Asked['scopes']): boolean =>
  scopes === 'everything' || scopes.includes('all:write')
