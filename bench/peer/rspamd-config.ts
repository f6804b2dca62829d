import { domain } from '../server/accounts.ts'

/** Debian's rspamd as a milter that signs as `domain`, its other modules as Debian ships them. */
export function rspamdFiles({
  folder,
  onlySigns,
}: {
  folder: string
  onlySigns: boolean
}): Readonly<Record<string, string>> {
  const off = 'enabled = false;\n'
  return {
    'etc/rspamd/local.d/worker-normal.inc': off,
    'etc/rspamd/local.d/worker-controller.inc': off,
    'etc/rspamd/local.d/worker-proxy.inc': `bind_socket = "${milterSocket(folder)} mode=0666";
upstream "local" { default = yes; self_scan = yes; }
`,
    // nobody answers, at once
    'etc/rspamd/local.d/options.inc': 'dns { nameserver = ["127.0.0.1:9"]; }\n',
    'etc/rspamd/local.d/dkim_signing.conf': `try_fallback = false;
use_esld = false;
allow_username_mismatch = true;
domain { ${domain} { path = "${signingKey(folder)}"; selector = "dkim"; } }
`,
    ...(onlySigns ? { 'etc/rspamd/local.d/settings.conf': signedOnly } : {}),
  }
}

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
