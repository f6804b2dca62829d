import { domain } from '../server/accounts.ts'

/** Where rspamd has what it remembers, who it asks, and where it answers and learns over HTTP. */
export type Filtering = Readonly<Record<'dns' | 'redis' | 'http' | 'learning', number>>

/** Debian's rspamd as a milter that signs as `domain`, its other modules as Debian ships them; with a filter as Mailu sets it. */
export function rspamdFiles({
  folder,
  onlySigns,
  filtering,
}: {
  folder: string
  onlySigns: boolean
  filtering: Filtering | undefined
}): Readonly<Record<string, string>> {
  return {
    'etc/rspamd/local.d/worker-normal.inc': off,
    'etc/rspamd/local.d/worker-controller.inc': off,
    'etc/rspamd/local.d/worker-proxy.inc': `bind_socket = "${milterSocket(folder)} mode=0666";
upstream "local" { default = yes; self_scan = yes; }
`,
    // nobody answers, at once
    'etc/rspamd/local.d/options.inc': 'dns { nameserver = ["127.0.0.1:9"]; }\n',
    'etc/rspamd/local.d/dkim_signing.conf': signing(folder),
    ...(onlySigns ? { 'etc/rspamd/local.d/settings.conf': signedOnly } : {}),
    ...(filtering ? filterFiles(folder, filtering) : {}),
  }
}

const off = 'enabled = false;\n'

const signing = (folder: string): string => `try_fallback = false;
use_esld = false;
allow_username_mismatch = true;
domain { ${domain} { path = "${signingKey(folder)}"; selector = "dkim"; } }
`

/** Mailu's settings, but for greylisting, which would measure how long senders wait. Its Redis keeps nothing for long either. */
function filterFiles(
  folder: string,
  { dns, redis, http, learning }: Filtering,
): Readonly<Record<string, string>> {
  const store = `servers = "127.0.0.1:${redis}";\n`
  return {
    'etc/rspamd/local.d/options.inc': `local_addrs = [];\ndns { nameserver = ["127.0.0.1:${dns}"]; }\n`,
    'etc/rspamd/local.d/worker-normal.inc': `bind_socket = "127.0.0.1:${http}";\ncount = 1;\n`,
    'etc/rspamd/local.d/worker-controller.inc': `bind_socket = "127.0.0.1:${learning}";\nsecure_ip = "127.0.0.1";\n`,
    'etc/rspamd/local.d/redis.conf': store,
    'etc/rspamd/local.d/history_redis.conf': store,
    'etc/rspamd/local.d/classifier-bayes.conf': `backend = "redis";
${store}min_learns = 200;
autolearn { spam_threshold = 6.0; ham_threshold = -0.5; check_balance = true; min_balance = 0.9; }
`,
    'etc/rspamd/local.d/milter_headers.conf':
      'use = ["x-spamd-bar", "x-spam-level", "x-virus", "authentication-results"];\n',
    'etc/rspamd/local.d/arc.conf': signing(folder),
    'etc/rspamd/local.d/greylist.conf': off,
    'etc/rspamd/local.d/phishing.conf': 'openphish_enabled = false;\nphishtank_enabled = false;\n',
  }
}

export const redisCommand = (folder: string, port: number): readonly string[] => [
  '/usr/bin/redis-server',
  ...[
    '--bind',
    '127.0.0.1',
    '--port',
    String(port),
    '--dir',
    `${folder}/rspamd`,
    '--save',
    '3600 1 300 100 60 10000',
  ],
]

/** Over TCP, as in Mailu, each message would wait 40 ms for a delayed acknowledgement. */
export const milterSocket = (folder: string): string => `${folder}/rspamd/milter`

export const signingKey = (folder: string): string => `${folder}/rspamd/dkim.key`

/** Beside the name of each folder that rspamd knows, where it is here. */
export const rspamdCommand = (folder: string): readonly string[] => {
  const folders = {
    LOCAL_CONFDIR: `${folder}/etc/rspamd`,
    DBDIR: `${folder}/rspamd`,
    RUNDIR: `${folder}/rspamd`,
  }
  const named = Object.entries({ ...folders, LOGDIR: `${folder}/rspamd` })
  const vars = named.flatMap(([name, path]) => ['--var', `${name}=${path}`])
  return ['/usr/bin/rspamd', '-f', '-u', '_rspamd', '-g', '_rspamd', '-c', '/etc/rspamd/rspamd.conf', ...vars]
}

const signedOnly = `submitted {
  authenticated = yes;
  apply { symbols_enabled = ["DKIM_SIGNED"]; }
}
`
