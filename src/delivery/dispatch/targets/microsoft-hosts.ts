/**
 * Where the triggers of Power Automate and Logic Apps are called back, by cloud, as Microsoft tells whoever has a firewall in front of
 * them. A Standard logic app has a name of the whole of Azure App Service instead (azurewebsites.net), where anybody can have one: it
 * needs the preset `any`.
 */
const SUFFIXES = [
  // Public.
  '.logic.azure.com',
  '.api.powerplatform.com',
  // US Government: all three, GCC, GCC High, DoD.
  '.logic.azure.us',
  '.api.gov.powerplatform.microsoft.us',
  '.api.high.powerplatform.microsoft.us',
  '.api.appsplatform.us',
  // China, operated by 21Vianet.
  '.logic.azure.cn',
  '.api.powerplatform.partner.microsoftonline.cn',
]

/** `hostname`: as URLs write it, in small letters. */
export const isMicrosoftHost = (hostname: string): boolean => SUFFIXES.some((suffix) => hostname.endsWith(suffix))
