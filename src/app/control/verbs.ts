import type { Verb } from './verb.ts'
import { adminVerbs } from './verbs/admin.ts'
import { aliasVerbs } from './verbs/alias.ts'
import { apiKeyVerbs } from './verbs/api-key.ts'
import { auditVerbs } from './verbs/audit.ts'
import { certificateVerbs } from './verbs/certificates.ts'
import { configVerbs } from './verbs/config.ts'
import { dkimVerbs } from './verbs/dkim.ts'
import { dnsVerbs } from './verbs/dns.ts'
import { domainVerbs } from './verbs/domain.ts'
import { domainDnsVerbs } from './verbs/domain-dns.ts'
import { factorVerbs } from './verbs/factor.ts'
import { fetchVerbs } from './verbs/fetch.ts'
import { grantVerbs } from './verbs/grant.ts'
import { importVerbs } from './verbs/import.ts'
import { noteVerbs } from './verbs/notes.ts'
import { oauthVerbs } from './verbs/oauth.ts'
import { queueVerbs } from './verbs/queue.ts'
import { relayVerbs } from './verbs/relay.ts'
import { reportVerbs } from './verbs/reports.ts'
import { retentionVerbs } from './verbs/retention.ts'
import { routeVerbs } from './verbs/route.ts'
import { scriptVerbs } from './verbs/scripts.ts'
import { searchVerbs } from './verbs/search.ts'
import { senderVerbs } from './verbs/sender.ts'
import { shareVerbs } from './verbs/share.ts'
import { spamVerbs } from './verbs/spam.ts'
import { storeVerbs } from './verbs/store.ts'
import { throttleVerbs } from './verbs/throttle.ts'
import { tokenVerbs } from './verbs/token.ts'
import { traceVerbs } from './verbs/trace.ts'
import { trialVerbs } from './verbs/trials.ts'
import { userVerbs } from './verbs/user.ts'
import { userLeavingVerbs } from './verbs/user-leaving.ts'
import { userTableVerbs } from './verbs/user-table.ts'

/** Everything the command line can ask of the data, on a running server or a stopped one. Read this first. */
export const verbs: ReadonlyMap<string, Verb> = new Map(
  Object.entries({
    ...domainVerbs,
    ...domainDnsVerbs,
    ...dkimVerbs,
    ...certificateVerbs,
    ...relayVerbs,
    ...routeVerbs,
    ...queueVerbs,
    ...traceVerbs,
    ...dnsVerbs,
    ...userVerbs,
    ...userLeavingVerbs,
    ...userTableVerbs,
    ...adminVerbs,
    ...aliasVerbs,
    ...tokenVerbs,
    ...apiKeyVerbs,
    ...oauthVerbs,
    ...factorVerbs,
    ...fetchVerbs,
    ...grantVerbs,
    ...configVerbs,
    ...auditVerbs,
    ...reportVerbs,
    ...retentionVerbs,
    ...scriptVerbs,
    ...noteVerbs,
    ...trialVerbs,
    ...senderVerbs,
    ...shareVerbs,
    ...spamVerbs,
    ...storeVerbs,
    ...searchVerbs,
    ...importVerbs,
    ...throttleVerbs,
  }),
)
