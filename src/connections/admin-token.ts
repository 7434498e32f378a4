import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { Secret } from '../kit/secret.ts'
import { tokenFault } from '../kit/token-fault.ts'
import { makeSecretFile, readSecretFile } from '../kit/secret-file.ts'

/** An AdminToken is the token of the owner `admin`, and the file that holds it when it was not configured. */
export interface AdminToken {
  token: Secret
  /** The path may be shown; the content may not. */
  file?: string
}

const TOKEN_BYTES = 32

/** The configured token, or the one in `<dataDir>/admin-token`, a file that the first start creates. */
export async function loadAdminToken({ configured, dataDir }: { configured: Secret | undefined; dataDir: string }): Promise<AdminToken> {
  if (configured) return { token: configured }
  const file = join(dataDir, 'admin-token')
  const read = () => readSecretFile(file, 'use and change every connection of this server')
  let found = read()
  if (!found) {
    await makeSecretFile(file, `dba_${randomBytes(TOKEN_BYTES).toString('base64url')}\n`)
    found = read()
  }
  const text = found?.text.trim() ?? ''
  const fault = tokenFault(text)
  if (fault !== undefined)
    throw new Error(`${file} ${fault}. Remove it, and the next start creates a new admin token; or set DEALBRIDGE_ADMIN_TOKEN.`)
  return { token: new Secret(text), file }
}
