import type { ITranslator } from '@jupyterlab/translation';
import { languageTag } from '../core/time';
import { DOMAIN } from '../tokens';

/** The context that the server's messages have in the catalogue. */
const CONTEXT = 'server';

/** Puts an answer of the server into the language of the page. */
export type Reword = <T>(answer: T) => T;

/** Leaves an answer as it comes. */
export const asItComes: Reword = answer => answer;

/**
 * What puts the server's answers into the language of the page.
 *
 * The server's messages are many, and are only loaded where they are not shown as they
 * come. Where that fails they are shown as they come.
 */
export async function serverWords(translator: ITranslator): Promise<Reword> {
  const language = languageTag(translator.languageCode);
  const catalogue = translator.load(DOMAIN);
  // Any of them tells whether somebody has translated them.
  const known = 'The disk is full.';
  if (language === undefined || catalogue._p(CONTEXT, known) === known) {
    return asItComes;
  }
  try {
    const [{ interpreter }, { inWords }, { default: messages }] =
      await Promise.all([
        import('../core/said'),
        import('../core/rewording'),
        import('../core/said.json')
      ]);
    const say = interpreter(
      messages,
      (message, ...values) => catalogue._p(CONTEXT, message, ...values),
      (value, digits) =>
        value.toLocaleString(language, { minimumFractionDigits: digits })
    );
    return answer => inWords(answer, say);
  } catch (reason) {
    console.warn("The server's messages are not translated", reason);
    return asItComes;
  }
}
