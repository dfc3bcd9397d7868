/* serve FOLDER URL_FILE: serves the folder's files over HTTP on the loopback; the server's URL is in URL_FILE as soon as it answers. Ends with its
 * standard input.
 */
#include "http_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct http_server server;
	char folder[4096], temporary[4096], byte;
	const struct http_rule rule = { "/", folder, HTTP_FILES };
	FILE *url;

	if (argc != 3 || snprintf(folder, sizeof(folder), "%s/", argv[1]) >= (int)sizeof(folder) ||
	    snprintf(temporary, sizeof(temporary), "%s.new", argv[2]) >= (int)sizeof(temporary))
		return 2;
	http_server_start(&server, &rule, 1, argv[1]);
	url = fopen(temporary, "we");
	if (!url || fprintf(url, "http://127.0.0.1:%u\n", server.port) < 0 || fclose(url) != 0 || rename(temporary, argv[2]) != 0)
		perror(argv[2]);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	http_server_stop(&server);
	return 0;
}
