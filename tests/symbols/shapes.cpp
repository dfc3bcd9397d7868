// The C++ part of the sample: base classes, methods, static members, nested types, and names with a scope.
namespace shapes {

struct Point {
	int x, y;
};

class Shape {
public:
	virtual int area() const = 0;
	static int count;
	enum Kind { Round, Square } kind;
};
int Shape::count = 5;

class Box : public Shape, public Point {
public:
	int area() const override { return width * height; }
	int width, height;
	struct Inner {
		char tag;
		Point corner;
	} inner;
	bool filled;
	double weight;
};

} // namespace shapes

extern "C" void _purecall() {}

extern "C" int SampleShapes()
{
	shapes::Box box = {};

	return box.area() + box.x + shapes::Shape::count + box.inner.corner.y;
}
