import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 401: the request to the management API has no token, or an unknown one. */
export class TokenRefused extends DealbridgeError {
  constructor(why: string) {
    super({
      status: 401,
      code: 'TokenRefused',
      message:
        `${why} Send "Authorization: Bearer <token>" with the token of an owner. The admin token is DEALBRIDGE_ADMIN_TOKEN, or the content of the file ` +
        '"admin-token" in the data folder; other owners get theirs from the admin.',
    })
  }
}
