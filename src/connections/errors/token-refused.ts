import { DealbridgeError } from '../../kit/errors/dealbridge-error.ts'

/** 401: the management API was asked without a token, or with one that is nobody's. */
export class TokenRefused extends DealbridgeError {
  constructor(why: string) {
    super({
      status: 401,
      code: 'TokenRefused',
      message:
        `${why} Send "Authorization: Bearer <token>" with the token of an owner. The admin's is DEALBRIDGE_ADMIN_TOKEN, or lies in the file ` +
        '"admin-token" of the data folder; other owners get theirs from the admin.',
    })
  }
}
