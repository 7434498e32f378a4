import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isLoopback } from '../kit/is-loopback.ts'
import { loadKeyRing } from '../kit/key-ring.ts'
import { readSecretFile } from '../kit/secret-file.ts'
import { tokenFault } from '../kit/token-fault.ts'
import { findingsOf, errorText, type Finding, type DoctorContext } from './finding.ts'

const RESTORE_IT = 'Restore it from a backup: without it the stored Pipedrive keys cannot be opened and running triggers start again.'

/** Whether the key ring, which signs trigger states and seals Pipedrive keys, exists, is well-formed, and readable by its owner only. */
export async function checkKeyRing({ config }: DoctorContext): Promise<Finding> {
  const { ok, problem } = findingsOf('key ring')
  const file = join(config.dataDir, 'keys')
  const place = config.keys ? 'DEALBRIDGE_KEYS' : file
  if (!config.keys && !existsSync(file)) {
    // A start would create a new ring without a warning, and it would open no stored key.
    if (config.store?.kind === 'embedded' && existsSync(config.store.folder))
      return problem(`${file} is missing, and the store in ${config.store.folder} was sealed with it`, RESTORE_IT)
    if (isLoopback(config.hostname)) return ok(`${file} does not exist yet; the first start creates it`)
  }
  try {
    const { ids, signingId } = await loadKeyRing({ env: config.keys, dataDir: config.dataDir, create: false })
    const older = ids.length === 1 ? 'one key' : `${ids.length} keys, the first signs`
    return ok(`${place}: ${older} ("${signingId}")`)
  } catch (error) {
    const todo = existsSync(file) && !config.keys ? `Correct the file, or: ${RESTORE_IT}` : 'Do this on every server.'
    return problem(errorText(error), todo)
  }
}

/** The token of the owner `admin`. Without a store there is no management API. */
export function checkAdminToken({ config }: DoctorContext): Finding {
  const { ok, problem } = findingsOf('admin token')
  if (!config.store) return ok('not needed with --store none')
  if (config.adminToken) return ok('the one in DEALBRIDGE_ADMIN_TOKEN')
  const file = join(config.dataDir, 'admin-token')
  try {
    const found = readSecretFile(file, 'use and change every connection of this server')
    if (!found) return ok(`${file} does not exist yet; the first start creates it`)
    const fault = tokenFault(found.text.trim())
    if (fault === undefined) return ok(`in ${file}`)
    return problem(`${file} ${fault}`, 'Remove it, and the next start creates a new one; or set DEALBRIDGE_ADMIN_TOKEN.')
  } catch (error) {
    return problem(errorText(error), 'If others may have read it: remove the file and restart the server, which creates a new token.')
  }
}
