/** Mailu's settings that this release knows and takes, but does not obey yet. */
const later = `
  WEBMAIL WEBDAV WEB_WEBMAIL RECAPTCHA_PUBLIC_KEY RECAPTCHA_PRIVATE_KEY SQLITE_DATABASE_FILE`

/**
 * Mailu's settings of what is not to be chosen here. REJECT_UNLISTED_RECIPIENT: nobody of ours who is not there is ever accepted at
 * RCPT, from nobody, so that nothing has to bounce. TLS: PORTS says what is open, and each port speaks what its number is for.
 */
const decided = 'REJECT_UNLISTED_RECIPIENT TLS'

/** Mailu's settings that have no meaning in one process: containers, their addresses, and development. */
const withoutMeaning = `
  SESSION_KEY_BITS SUBNET SUBNET6 CREDENTIAL_ROUNDS DISABLE_STATISTICS STATS_ENDPOINT INSTANCE_ID_PATH COMPOSE_PROJECT_NAME
  MEMORY_SESSIONS DEBUG DEBUG_PROFILER DEBUG_TB_INTERCEPT_REDIRECTS DEBUG_ASSETS TEMPLATES_AUTO_RELOAD
  BOOTSTRAP_SERVE_LOCAL DOCKER_SOCKET CPU_COUNT LD_PRELOAD POSTFIX_LOG_FILE TRAEFIK_VERSION
  I_KNOW_MY_SETUP_DOESNT_FIT_REQUIREMENTS_AND_WONT_FILE_ISSUES_WITHOUT_PATCHES MAILU_HELM_CHART MAILU_VERSION
  ADMIN_ADDRESS ANTISPAM_ADDRESS FRONT_ADDRESS IMAP_ADDRESS REDIS_ADDRESS SMTP_ADDRESS
  WEBDAV_ADDRESS WEBMAIL_ADDRESS OLETOOLS_ADDRESS FTS_ATTACHMENTS_ADDRESS RATELIMIT_STORAGE_URL
  ROUNDCUBE_PLUGINS ROUNDCUBE_DB_FLAVOR ROUNDCUBE_DB_USER ROUNDCUBE_DB_PW ROUNDCUBE_DB_HOST ROUNDCUBE_DB_NAME
  SQLALCHEMY_DATABASE_URI_ROUNDCUBE ROOT VERSION FETCHMAIL_OPTIONS BIND_ADDRESS4 BIND_ADDRESS6 COMPOSE_FILE`

const words = (list: string) => list.split(/\s+/).filter((word) => word !== '')

export const notYetUsed: readonly string[] = words(later)
export const neverUsed: readonly string[] = [...words(decided), ...words(withoutMeaning)]
