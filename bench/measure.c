/* Times commands side by side: A B A B ..., and prints the medians and the median of the ratios pair by pair, so that a machine whose
 * speed drifts does not decide. Peak resident memory is the operating system's own figure.
 *
 *   measure [-n PAIRS] [-p PREPARE] A [B]      each one a shell command; PREPARE runs, untimed, before every run
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct run {
	double seconds;
	double peak_mib;
};

static void fail(const char *what)
{
	fprintf(stderr, "measure: %s\n", what);
	exit(1);
}

static struct run run(const char *command)
{
	struct timespec start, end;
	struct rusage usage;
	int status;

	clock_gettime(CLOCK_MONOTONIC, &start);
	pid_t child = fork();
	if (child < 0)
		fail(strerror(errno));
	if (child == 0) {
		if (!freopen("/dev/null", "w", stdout))
			_exit(127);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	if (wait4(child, &status, 0, &usage) != child)
		fail(strerror(errno));
	clock_gettime(CLOCK_MONOTONIC, &end);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		fprintf(stderr, "measure: this command failed: %s\n", command);
		exit(1);
	}
	return (struct run){ (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9, (double)usage.ru_maxrss / 1024 };
}

static int ascending(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static double median(double *values, int count)
{
	qsort(values, (size_t)count, sizeof(*values), ascending);
	return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

int main(int argc, char **argv)
{
	enum { MOST = 101 };
	static double seconds[2][MOST], peaks[2][MOST], ratios[MOST];
	const char *prepare = NULL;
	int pairs = 7, option;

	while ((option = getopt(argc, argv, "n:p:")) != -1) {
		if (option == 'n')
			pairs = atoi(optarg);
		else if (option == 'p')
			prepare = optarg;
		else
			return 2;
	}
	int commands = argc - optind;
	if (commands < 1 || commands > 2 || pairs < 1 || pairs > MOST) {
		fprintf(stderr, "usage: measure [-n PAIRS] [-p PREPARE] A [B]\n");
		return 2;
	}
	for (int pair = -1; pair < pairs; pair++) { /* pair -1 warms up */
		for (int i = 0; i < commands; i++) {
			if (prepare)
				run(prepare);
			struct run done = run(argv[optind + i]);
			if (pair >= 0) {
				seconds[i][pair] = done.seconds;
				peaks[i][pair] = done.peak_mib;
			}
		}
		if (pair >= 0 && commands == 2)
			ratios[pair] = seconds[0][pair] / seconds[1][pair];
	}
	printf("%8.1f ms %6.1f MiB", median(seconds[0], pairs) * 1e3, median(peaks[0], pairs));
	if (commands == 2)
		printf("  vs %8.1f ms  ratio %.2f", median(seconds[1], pairs) * 1e3, median(ratios, pairs));
	printf("\n");
	return 0;
}
