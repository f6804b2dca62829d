import type { z } from 'zod'
import type { DirectoryAdmin } from '../../ports/directory-admin.ts'
import type { DirectorySecrets } from '../../ports/directory-reader.ts'
import type { DkimKeys } from '../../ports/dkim-keys.ts'
import type { DomainRecords } from '../../ports/domain-records.ts'
import type { MailReader } from '../../ports/mail-store.ts'
import type { Answer } from './answer.ts'

/** What the operations work with. */
export interface ApiPorts {
  readonly admin: DirectoryAdmin
  readonly secrets: Pick<DirectorySecrets, 'passwords'>
  readonly dkimKeys: Pick<DkimKeys, 'put'>
  readonly records: DomainRecords
  readonly mail: Pick<MailReader, 'usage'>
}

type Method = 'get' | 'post' | 'patch' | 'delete'
type Shape = Readonly<Record<string, z.ZodType>>
type Read<S extends Shape> = { readonly [Name in keyof S]: z.output<S[Name]> }

/** Everybody who may use it is told by an area: what a key is for. */
type Area = 'domain' | 'alternative' | 'user' | 'alias' | 'relay' | 'token'

interface Described {
  readonly area: Area
  readonly method: Method
  /** Below `/api/v1`: `/domain/{domain}`. */
  readonly path: string
  readonly summary: string
  /** What a GET or POST answers, where it is more than a message. */
  readonly answers?: z.ZodType
}

interface Written<P extends Shape, B extends Shape> extends Described {
  readonly params?: P
  readonly body?: z.ZodObject<B>
  run(call: {
    readonly ports: ApiPorts
    /** For the audit. */
    readonly actor: string
    readonly params: Read<P>
    readonly body: z.output<z.ZodObject<B>>
  }): Promise<Answer>
}

/** An operation as the dispatcher and the document see it. */
export interface Operation extends Described {
  readonly params: Shape
  readonly body: z.ZodObject | undefined
  run(call: {
    readonly ports: ApiPorts
    readonly actor: string
    readonly params: Readonly<Record<string, unknown>>
    readonly body: unknown
  }): Promise<Answer>
}

/** What was read by `params` and `body` is what `run` takes: the compiler checks it here. */
export function operation<P extends Shape, B extends Shape>(written: Written<P, B>): Operation {
  return {
    ...written,
    params: written.params ?? {},
    body: written.body,
    run: (call) => written.run(call as Parameters<Written<P, B>['run']>[0]),
  }
}
