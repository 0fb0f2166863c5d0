import type { ITranslator } from '@jupyterlab/translation';
import messages from '../core/said.json';
import { interpreter, type Say } from '../core/said';
import { languageTag } from '../core/time';
import { DOMAIN } from '../tokens';

/** The context that the server's messages have in the catalogue. */
const CONTEXT = 'server';

/** What says the server's sentences in the language of the page. */
export function serverWords(translator: ITranslator): Say {
  const language = languageTag(translator.languageCode);
  if (language === undefined || language.startsWith('en')) {
    return english => english;
  }
  const catalogue = translator.load(DOMAIN);
  const { format } = new Intl.NumberFormat(language);
  return interpreter(
    messages,
    (message, ...values) => catalogue._p(CONTEXT, message, ...values),
    format
  );
}
