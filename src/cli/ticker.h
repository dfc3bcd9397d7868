/* A line on the terminal for what takes longer than a second. */
#ifndef IMP_CLI_TICKER_H
#define IMP_CLI_TICKER_H

/* From a second on standard error shows `what`, how far it is (imp_watch_progress) and since when, when it is a terminal. `what` must live until
 * imp_ticker_stop, which takes the line away.
 */
void imp_ticker_start(const char *what);
void imp_ticker_stop(void);

#endif
