import type { createOwnClamd } from '../modules/antivirus/index.ts'
import type { createAuth } from '../modules/auth/index.ts'
import type { createMailboxEvents } from '../modules/delivery/index.ts'
import type { createFetching } from '../modules/fetch/index.ts'
import type { createCertificates, createProxy } from '../modules/proxy/index.ts'
import type { createReports } from '../modules/reports/index.ts'
import type { createResolver } from '../modules/resolver/index.ts'
import type { createSmtp } from '../modules/smtp/index.ts'
import type { createSpamFilter } from '../modules/spam/index.ts'
import type { createStore } from '../modules/store/index.ts'
import type { SqliteWriter } from '../platform/sqlite/writer.ts'
import type { Accounts } from '../ports/accounts.ts'
import type { AddressResolver, SenderPolicy } from '../ports/addresses.ts'
import type { ConnectionHandler, ListenerName } from '../ports/connection.ts'
import type {
  CredentialVerifier,
  DeviceCookies,
  ScramVerifier,
  SignInLocks,
  StoredHashes,
  TrustedSignIn,
} from '../ports/credentials.ts'
import type { DirectoryAdmin } from '../ports/directory-admin.ts'
import type { DirectorySecrets } from '../ports/directory-reader.ts'
import type { DkimKeys } from '../ports/dkim-keys.ts'
import type { DnsResolver } from '../ports/dns-resolver.ts'
import type { DomainRecords } from '../ports/domain-records.ts'
import type { Intake } from '../ports/intake.ts'
import type { MailAccounts } from '../ports/mail-accounts.ts'
import type { MailAuthenticator } from '../ports/mail-authentication.ts'
import type { MailFilter } from '../ports/mail-filter.ts'
import type { MailSigner } from '../ports/mail-signing.ts'
import type { MailStore } from '../ports/mail-store.ts'
import type { MessageBytes } from '../ports/message.ts'
import type { MessageScanner } from '../ports/message-scanner.ts'
import type { OldServers } from '../ports/old-servers.ts'
import type { OutgoingQueue } from '../ports/outgoing-queue.ts'
import type { OwnLetters, OwnMail } from '../ports/own-mail.ts'
import type { Passkeys } from '../ports/passkeys.ts'
import type { MailRetention } from '../ports/retention.ts'
import type { RelayRoutes, ReturnPaths } from '../ports/routes.ts'
import type { RuleTrials } from '../ports/rule-trials.ts'
import type { Service } from '../ports/runtime.ts'
import type { SecondFactors } from '../ports/second-factors.ts'
import type { SieveEngine } from '../ports/sieve.ts'
import type { SieveScripts } from '../ports/sieve-scripts.ts'
import type { SpamJudge } from '../ports/spam-judge.ts'
import type { StoreCare } from '../ports/store-care.ts'
import type { SuccessReports } from '../ports/success-reports.ts'
import type { WebHandler } from '../ports/web.ts'
import type { WebSessions } from '../ports/web-sessions.ts'
import { Token } from './container.ts'
import type { VerbPorts } from './control/verb.ts'
import type { FirstStart } from './first-start.ts'

export const sqliteWriter = new Token<SqliteWriter>('SqliteWriter')

export const mailStore = new Token<MailStore>('MailStore')
export const messageBytes = new Token<MessageBytes>('MessageBytes')
export const mailAccounts = new Token<MailAccounts>('MailAccounts')
export const retention = new Token<MailRetention>('MailRetention')
export const queue = new Token<OutgoingQueue>('OutgoingQueue')
export const storeCare = new Token<StoreCare>('StoreCare')
export const sieveScripts = new Token<SieveScripts>('SieveScripts')

export const addresses = new Token<AddressResolver>('AddressResolver')
export const returnPaths = new Token<ReturnPaths>('ReturnPaths')
export const relays = new Token<RelayRoutes>('RelayRoutes')
export const oldServers = new Token<OldServers>('OldServers')
export const dns = new Token<DnsResolver>('DnsResolver')
export const domainRecords = new Token<DomainRecords>('DomainRecords')
export const senders = new Token<SenderPolicy>('SenderPolicy')
export const accounts = new Token<Accounts>('Accounts')
export const credentials = new Token<CredentialVerifier>('CredentialVerifier')
export const scram = new Token<ScramVerifier>('ScramVerifier')
export const trusted = new Token<TrustedSignIn>('TrustedSignIn')
export const devices = new Token<DeviceCookies>('DeviceCookies')
export const factors = new Token<SecondFactors>('SecondFactors')
export const passkeys = new Token<Passkeys>('Passkeys')
export const sessions = new Token<WebSessions>('WebSessions')
export const locks = new Token<SignInLocks>('SignInLocks')
export const letterService = new Token<Service>('LetterService')
export const ownLetters = new Token<OwnLetters>('OwnLetters')
export const directoryAdmin = new Token<DirectoryAdmin>('DirectoryAdmin')
export const directorySecrets = new Token<DirectorySecrets>('DirectorySecrets')
export const storedHashes = new Token<StoredHashes>('StoredHashes')
export const dkimKeys = new Token<DkimKeys>('DkimKeys')

export const authenticator = new Token<MailAuthenticator>('MailAuthenticator')
export const signer = new Token<MailSigner>('MailSigner')
export const spamFilter = new Token<ReturnType<typeof createSpamFilter> | undefined>('spam filter')
export const spamLearner = new Token<Service>('spam learner')
export const filterService = new Token<WebHandler>('filter service')
export const judge = new Token<SpamJudge>('SpamJudge')
export const filter = new Token<MailFilter | undefined>('MailFilter')
export const ownClamd = new Token<ReturnType<typeof createOwnClamd>>('clamd of our own')
export const scanner = new Token<MessageScanner | undefined>('MessageScanner')
export const ownMail = new Token<OwnMail>('OwnMail')
export const successReports = new Token<SuccessReports>('SuccessReports')
/** What `intake` stands in front of. */
export const unlimitedIntake = new Token<Intake>('Intake without limits')
export const intake = new Token<Intake>('Intake')
export const mailboxEvents = new Token<ReturnType<typeof createMailboxEvents>>('MailboxEvents')
export const attachedHandlers = new Token<Partial<Record<ListenerName, ConnectionHandler>>>(
  'AttachedHandlers',
)
export const imap = new Token<ConnectionHandler>('imap')
export const trials = new Token<RuleTrials>('RuleTrials')
export const sieveEngine = new Token<SieveEngine>('SieveEngine')
export const manageSieve = new Token<ConnectionHandler>('managesieve')
export const pop3 = new Token<ConnectionHandler>('pop3')
export const web = new Token<WebHandler>('WebHandler')

/** Modules that offer several ports. */
export const store = new Token<ReturnType<typeof createStore>>('store')
export const resolver = new Token<ReturnType<typeof createResolver>>('resolver')
export const auth = new Token<ReturnType<typeof createAuth>>('auth')
export const smtp = new Token<ReturnType<typeof createSmtp>>('smtp')
export const reports = new Token<ReturnType<typeof createReports>>('reports')
export const dmarcSending = new Token<Service>('reports of DMARC')
export const outgoing = new Token<Service>('outgoing')
export const certificates = new Token<ReturnType<typeof createCertificates>>('certificates')
export const proxy = new Token<ReturnType<typeof createProxy>>('proxy')

export const verbPorts = new Token<VerbPorts>('VerbPorts')
export const firstStart = new Token<FirstStart>('FirstStart')
export const control = new Token<Service>('control')
/** In the order of their start. */
export const dataServices = new Token<readonly Service[]>('services of the data folder')
export const services = new Token<readonly Service[]>('services')
/** Undefined where it is switched off. */
export const fetching = new Token<ReturnType<typeof createFetching> | undefined>('Fetching')
