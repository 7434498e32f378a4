/** An AccountGone is for work on an account whose last subscription has ended in the meantime. It is internal: no caller sees it. */
export class AccountGone extends Error {
  constructor(accountId: string) {
    super(`the account ${accountId} no longer has subscriptions`)
    this.name = 'AccountGone'
  }
}
