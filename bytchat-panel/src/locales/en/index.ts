// One file an area of the panel; the two languages have the same keys.

import account from './account.json';
import auth from './auth.json';
import bots from './bots.json';
import chat from './chat.json';
import common from './common.json';
import errors from './errors.json';
import overview from './overview.json';
import toolbox from './toolbox.json';
import training from './training.json';

export default { common, auth, account, bots, toolbox, training, chat, overview, errors };
