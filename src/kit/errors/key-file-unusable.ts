import { DealbridgeError } from './dealbridge-error.ts'

/** 500: the key file cannot be read or written, so there is no new key. */
export class KeyFileUnusable extends DealbridgeError {
  constructor(path: string, cause: Error) {
    super({
      status: 500,
      code: 'KeyFileUnusable',
      message:
        `The key file ${path} could not be given a new key, so nothing was sealed again, and the existing keys stay in use: ` +
        `${cause.message.replace(/\.$/, '')}. Let the server's user write the file and its folder, then rotate again.`,
      cause,
    })
  }
}
