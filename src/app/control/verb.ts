import type { ApiKeys } from '../../ports/api-access.ts'
import type { CertificateCare } from '../../ports/certificate-care.ts'
import type { SignInLocks, StoredHashes } from '../../ports/credentials.ts'
import type { DirectoryAdmin } from '../../ports/directory-admin.ts'
import type { DirectorySecrets } from '../../ports/directory-reader.ts'
import type { DkimKeys } from '../../ports/dkim-keys.ts'
import type { DnsResolver } from '../../ports/dns-resolver.ts'
import type { DomainRecords } from '../../ports/domain-records.ts'
import type { Fetching } from '../../ports/fetching.ts'
import type { MailReports } from '../../ports/mail-reports.ts'
import type { MailShares } from '../../ports/mail-shares.ts'
import type { MailStore } from '../../ports/mail-store.ts'
import type { MailTraces } from '../../ports/mail-traces.ts'
import type { OAuthServer } from '../../ports/oauth.ts'
import type { OutgoingQueue } from '../../ports/outgoing-queue.ts'
import type { MailRetention } from '../../ports/retention.ts'
import type { RuleTrials } from '../../ports/rule-trials.ts'
import type { SecondFactors } from '../../ports/second-factors.ts'
import type { SenderLists } from '../../ports/sender-lists.ts'
import type { SieveScripts } from '../../ports/sieve-scripts.ts'
import type { SpamHistory } from '../../ports/spam-history.ts'
import type { SpamTeaching } from '../../ports/spam-teaching.ts'
import type { StoreCare } from '../../ports/store-care.ts'
import type { TextIndexCare } from '../../ports/text-search.ts'
import type { RouteFile } from '../route-file.ts'
import { type Kind, yesNo } from '../settings/kinds.ts'
import type { Settings } from '../settings/table.ts'
import { type Answer, mistake } from './answer.ts'

/** What the verbs work with; on a running server and on a stopped one alike. */
export interface VerbPorts {
  readonly admin: DirectoryAdmin
  readonly secrets: DirectorySecrets
  readonly dkimKeys: DkimKeys
  readonly hashes: StoredHashes
  readonly locks: SignInLocks
  readonly factors: SecondFactors
  readonly apiKeys: ApiKeys
  readonly oauth: Pick<OAuthServer, 'clients' | 'keys'>
  readonly retention: MailRetention
  readonly scripts: SieveScripts
  readonly trials: RuleTrials
  readonly mail: Pick<MailStore, 'annotate' | 'annotations' | 'decisions' | 'mailbox' | 'mailboxes'>
  readonly shares: MailShares
  readonly senders: SenderLists
  readonly traces: Pick<MailTraces, 'find'>
  readonly care: StoreCare
  /** Undefined where it is switched off. */
  readonly spam: { readonly history: SpamHistory; readonly teaching: SpamTeaching } | undefined
  readonly queue: OutgoingQueue
  readonly dns: DnsResolver
  readonly domainRecords: DomainRecords
  readonly certificates: CertificateCare
  readonly reports: MailReports
  /** Undefined on a stopped server, and where it is switched off. */
  readonly fetching: Fetching | undefined
  readonly searchCare: TextIndexCare
  readonly routes: RouteFile
  readonly settings: Settings
  /** Copies everything but the mail into the folder that `care.backup` has filled. */
  readonly backupRest: (folder: string) => Promise<void>
}

/** Where the command line finds a value. A password comes from stdin, a file or a prompt, never from an argument. */
export type Place =
  | 'argument'
  | 'optional argument'
  | 'rest'
  | 'optional rest'
  | 'option'
  | 'flag'
  | 'password'
  | 'optional password'
  | 'file'
  | 'text file'
  | 'message file'
  | 'folder'
  | 'configuration'
  | 'output'
  | 'mailu'

export interface Parameter<T> {
  readonly kind: Kind<T>
  readonly place: Place
  readonly required: boolean
  readonly meaning: string
}

interface Required<T> extends Parameter<T> {
  readonly required: true
}

type Parameters = Readonly<Record<string, Parameter<unknown>>>
type Values<P extends Parameters> = {
  readonly [Name in keyof P]: P[Name] extends Required<infer T>
    ? T
    : P[Name] extends Parameter<infer T>
      ? T | undefined
      : never
}

/** A verb as it is written, and as everybody else sees it: texts in, an answer out. */
export interface Verb {
  readonly summary: string
  readonly takes: Parameters
  run(ports: VerbPorts, texts: Texts): Promise<Answer>
}

/** As they came over the socket or from the command line. */
export type Texts = Readonly<Record<string, string>>

export function verb<P extends Parameters>(written: {
  readonly summary: string
  readonly takes: P
  readonly run: (ports: VerbPorts, values: Values<P>) => Promise<Answer>
}): Verb {
  return {
    ...written,
    run: async (ports, texts) => {
      const read = readValues(written.takes, texts)
      return read.kind === 'mistakes'
        ? mistake(read.mistakes.join('\n'))
        : written.run(ports, read.values as Values<P>)
    },
  }
}

export const argument = <T>(kind: Kind<T>, meaning: string): Required<T> => ({
  kind,
  place: 'argument',
  required: true,
  meaning,
})
/** The command line makes it an absolute path, because the server stands in another folder. */
export const folder = (meaning: string): Required<string> => ({
  kind: { expected: 'a folder', read: (value) => ({ value }) },
  place: 'folder',
  required: true,
  meaning,
})
/** All the arguments that are left, as one list. */
export const rest = <T>(kind: Kind<T>, meaning: string): Required<T> => ({
  kind,
  place: 'rest',
  required: true,
  meaning,
})
export const maybeArgument = <T>(kind: Kind<T>, meaning: string): Parameter<T> => ({
  kind,
  place: 'optional argument',
  required: false,
  meaning,
})
export const option = <T>(kind: Kind<T>, meaning: string): Parameter<T> => ({
  kind,
  place: 'option',
  required: false,
  meaning,
})
/** An option without a value, so that an argument may follow it. */
export const flag = (meaning: string): Parameter<boolean> => ({
  kind: yesNo,
  place: 'flag',
  required: false,
  meaning,
})
const aPassword: Kind<string> = {
  expected: 'a password',
  read: (value) => (value === '' ? undefined : { value }),
}
export const password = (): Parameter<string> => ({
  kind: aPassword,
  place: 'password',
  required: false,
  meaning: 'Password',
})
/** Only where it is given: nobody is asked for it. */
export const optionalPassword = (): Parameter<string> => ({ ...password(), place: 'optional password' })
/** What is left of the arguments, perhaps none. */
export const maybeRest = <T>(kind: Kind<T>, meaning: string): Parameter<T> => ({
  kind,
  place: 'optional rest',
  required: false,
  meaning,
})
/** A YAML or JSON file, or stdin: the command line reads it, and passes on what it found there as JSON. */
export const configuration = (meaning: string): Required<string> => ({
  kind: { expected: 'a file', read: (value) => ({ value }) },
  place: 'configuration',
  required: true,
  meaning,
})
/** Where the command line writes the answer. The verb does not see it. */
export const output = (meaning: string): Parameter<string> => ({
  kind: { expected: 'a file', read: (value) => ({ value }) },
  place: 'output',
  required: false,
  meaning,
})
/** The command line reads the file and passes its text on. */
export const fileText = (meaning: string): Parameter<string> => ({
  kind: { expected: 'a text file', read: (value) => ({ value }) },
  place: 'file',
  required: false,
  meaning,
})

/** An argument: a file, or stdin. The command line reads it and passes its text on. */
export const textFile = (meaning: string): Required<string> => ({
  kind: { expected: 'a text file', read: (value) => ({ value }) },
  place: 'text file',
  required: true,
  meaning,
})

/** An argument: a message in a file, or stdin. The command line passes its first octets on in base64. */
export const messageFile = (meaning: string): Required<Uint8Array> => ({
  kind: { expected: 'a message', read: (value) => ({ value: Buffer.from(value, 'base64') }) },
  place: 'message file',
  required: true,
  meaning,
})

/** The command line reads the Mailu that lies there, and passes on what it found: the server may not see the path. */
export const mailuFolder = <T>(kind: Kind<T>, meaning: string): Required<T> => ({
  kind,
  place: 'mailu',
  required: true,
  meaning,
})

type ReadValues =
  | { readonly kind: 'values'; readonly values: Readonly<Record<string, unknown>> }
  | { readonly kind: 'mistakes'; readonly mistakes: readonly string[] }

function readValues(takes: Parameters, texts: Texts): ReadValues {
  const mistakes = Object.keys(texts)
    .filter((name) => !Object.hasOwn(takes, name))
    .map((name) => `${name}: this verb does not take it`)
  const values: Record<string, unknown> = {}
  for (const [name, { kind, required }] of Object.entries(takes)) {
    const text = texts[name]
    if (text === undefined) {
      if (required) mistakes.push(`${name}: expected ${kind.expected}`)
      continue
    }
    const read = kind.read(text)
    if (read) values[name] = read.value
    else mistakes.push(`${name}: expected ${kind.expected}, found ${JSON.stringify(text.slice(0, 100))}`)
  }
  return mistakes.length > 0 ? { kind: 'mistakes', mistakes } : { kind: 'values', values }
}
